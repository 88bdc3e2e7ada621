"""LibCST visitors: find the construct of a reported workload in the source, with its positions and its parts."""
