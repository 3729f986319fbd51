"""The cases, one file a family. Every file is loaded; what it declares with `case` is run."""
