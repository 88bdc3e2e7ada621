"""One run from paths to a report: order of the stages, groups of modules, worker processes, cached workloads, explanations."""
