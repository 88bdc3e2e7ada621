"""The call graph, what each call may run, and which requests a function leads to."""
