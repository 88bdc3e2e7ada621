"""Progress displays around a repetition, and progress that a loop reports to others."""
