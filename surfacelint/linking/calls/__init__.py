"""The call graph, the targets of each call, and summaries of the requests that functions lead to."""
