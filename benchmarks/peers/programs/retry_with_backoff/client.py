import time

import anthropic

client = anthropic.Anthropic()


def ask(prompt: str, attempts: int = 200) -> str:
    for attempt in range(attempts):
        try:
            reply = client.messages.create(
                model="claude-sonnet-4-5", max_tokens=1000, messages=[{"role": "user", "content": prompt}]
            )
            return reply.content[0].text
        except anthropic.RateLimitError:
            time.sleep(min(60, 2**attempt))
    raise RuntimeError("no answer")
