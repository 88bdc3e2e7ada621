"""Parts of `scripts/fuzz.py`: programs, checks of what surfacelint does with them, and smaller programs that still fail."""
