import anthropic

client = anthropic.Anthropic()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    with client.messages.stream(model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": line}]) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
