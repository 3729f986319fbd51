"""Tools beside the models: data loading."""
