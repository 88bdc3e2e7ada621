"""One run from paths to a report: the order of the stages, groups and processes, cached workloads, explanations."""
