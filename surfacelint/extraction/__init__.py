"""Extracts facts from source: outlines and bodies from `ast`, sketches from text. No other package parses source."""
