"""Everything extraction may say about a module: plain data, no behaviour, no vendor."""
