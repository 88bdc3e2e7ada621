import anthropic

client = anthropic.Anthropic()


def risks(contract: str) -> str:
    reply = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=800,
        messages=[{"role": "user", "content": "List the risky clauses of this contract:\n" + contract}],
    )
    return reply.content[0].text
