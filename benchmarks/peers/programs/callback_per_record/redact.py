from anthropic import Anthropic
from records import for_each

client = Anthropic()


def redact(record: dict) -> None:
    reply = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=1000,
        messages=[{"role": "user", "content": "Replace all names of people by X:\n" + record["text"]}],
    )
    print(record["id"], reply.content[0].text)


if __name__ == "__main__":
    for_each("records.jsonl", redact)
