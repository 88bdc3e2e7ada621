"""The language server: what editors have open, the process that analyses it, and findings in the terms of the protocol."""
