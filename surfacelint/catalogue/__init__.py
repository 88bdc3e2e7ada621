"""The catalogue of vendors and frameworks: data files, their schema, and lookup by path."""
