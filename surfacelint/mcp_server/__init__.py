"""The server of the Model Context Protocol (MCP): shows one project to coding agents, and writes nothing."""
