"""Moves the requests of a repetition to batches: the loop runs in passes of a `BatchRun`, or its calls are prepared."""
