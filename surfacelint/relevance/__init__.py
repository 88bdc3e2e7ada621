"""Which files can matter: import screening, name narrowing, and groups that have nothing to do with each other."""
