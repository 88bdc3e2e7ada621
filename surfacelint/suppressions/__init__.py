"""Suppression comments and the baseline, and edits of comments and files."""
