"""The flake8 plugin, which reports the same findings as the command line, file by file."""
