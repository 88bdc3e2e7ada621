"""Finders: each looks for one kind of workload."""
