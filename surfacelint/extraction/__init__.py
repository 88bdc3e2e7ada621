"""The two readings of a module, outlines and bodies, from the standard `ast`, and sketches of outlines. Only here are syntax trees read."""
