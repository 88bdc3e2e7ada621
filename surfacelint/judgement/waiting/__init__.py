"""Is a user waiting? Entry points, and work that runs in the background."""
