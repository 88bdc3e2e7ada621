"""Abstract evaluation: the values that names, attributes and calls may have, across modules (a points-to analysis)."""
