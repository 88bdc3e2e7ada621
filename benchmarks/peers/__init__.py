"""Compares linters on 60 small programs with a reviewer's verdict for each.

`programs` holds the programs, a folder each, and `verdicts.toml` the verdicts. Those follow the three questions about a workload: is a user
waiting, are the items independent, is the volume worth it? They were written before any linter ran, and are not changed to please one.
"""
