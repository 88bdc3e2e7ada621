"""Outlines + catalogue → call graph: what names mean, across modules. Pure: nothing here reads a file."""
