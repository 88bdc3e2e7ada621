"""The two readings of a module, outlines and bodies, from the standard `ast`, and sketches from the text. Only here is source read."""
