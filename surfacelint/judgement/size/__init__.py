"""How many items a repetition has: known sizes, limits, and collections that are small by nature."""
