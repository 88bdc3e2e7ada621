"""The two readings of a module: outlines from the standard `ast`, bodies from LibCST. The only readers of syntax trees."""
