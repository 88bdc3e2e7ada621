"""Fixes of findings: each codemod rewrites one kind of construct that a visitor found, or says what prevents that."""
