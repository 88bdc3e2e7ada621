"""The version of this package, for everything that shows it."""

__version__ = "0.1.0"
