"""Measured usage: what usage exports of providers and of observability tools state, joined with workloads."""
