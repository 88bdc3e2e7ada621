from anthropic import Anthropic

client = Anthropic()


def submit(prompt: str) -> str:
    params = {"model": "claude-haiku-4-5", "max_tokens": 500, "messages": [{"role": "user", "content": prompt}]}
    return client.messages.batches.create(requests=[{"custom_id": "digest", "params": params}]).id
