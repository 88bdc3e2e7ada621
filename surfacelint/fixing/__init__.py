"""Applies fixes: chooses those that go together, edits copies in memory, checks the result, and writes the files."""
