"""Linking: outlines and catalogue become a call graph with the requests behind each call. Nothing here reads a file."""
