"""Reads the files of a project: text, notebook cells, outlines, bodies, and locations as users see them."""
