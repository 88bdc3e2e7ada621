"""The flake8 plugin: the same findings as on the command line, file by file."""
