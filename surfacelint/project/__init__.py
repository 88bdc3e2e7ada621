"""The files of a project: discovery, repositories, and the names that imports know files by."""
