import anthropic

client = anthropic.Anthropic()
params = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": "Hello"}]}
if client.messages.batches.create(requests=[{"custom_id": "1", "params": params}]).processing_status == "ended":
    print("already")
