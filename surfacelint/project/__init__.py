"""The files of a project: discovery, repositories, module names, and the resolution of imports."""
