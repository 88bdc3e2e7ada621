"""What repeats a request, and whether its rounds are independent items: retries, agents, sweeps, samples, conversations."""
