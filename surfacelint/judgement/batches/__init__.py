"""Batch jobs and their results: ids, polling, failed requests, joins by position, batches of one request."""
