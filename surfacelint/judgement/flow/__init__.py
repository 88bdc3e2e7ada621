"""Data flow and control flow inside one function: definitions, access paths, loop exits, origins of items."""
