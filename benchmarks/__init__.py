"""Benchmarks of surfacelint and other linters on real code, run by `python -m benchmarks run --trees FOLDER`."""
