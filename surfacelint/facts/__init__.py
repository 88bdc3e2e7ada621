"""The facts that extraction produces about a module: plain data without paths or vendors."""
