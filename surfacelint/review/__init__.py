"""The review: every LLM workload of a project with its three answers, a verdict, and cost and hours on each surface."""
