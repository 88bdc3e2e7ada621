"""Selects the files that can matter: import screening, name narrowing, and independent groups of modules."""
