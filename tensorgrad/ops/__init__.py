"""The records of all operations and the public functions made from them, one file a family."""
