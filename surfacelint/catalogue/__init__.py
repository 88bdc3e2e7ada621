"""What we know of vendors and frameworks: data files, one schema for ours and for the user's."""
