import sys

import anthropic

client = anthropic.Anthropic()


def summarise(chapters: list[str]) -> str:
    summary = ""
    for chapter in chapters:
        prompt = f"Summary so far:\n{summary}\n\nExtend it by this chapter:\n{chapter}"
        reply = client.messages.create(
            model="claude-sonnet-4-5", max_tokens=2000, messages=[{"role": "user", "content": prompt}]
        )
        summary = reply.content[0].text
    return summary


print(summarise(sys.stdin.read().split("\f")))
