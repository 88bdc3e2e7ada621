import sys
import time

from anthropic import Anthropic

client = Anthropic()


def main(texts: list[str]) -> None:
    requests = [
        {
            "custom_id": str(number),
            "params": {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": text}]},
        }
        for number, text in enumerate(texts)
    ]
    batch = client.messages.batches.create(requests=requests)
    print("submitted", batch.id)
    while batch.processing_status != "ended":
        time.sleep(60)
        batch = client.messages.batches.retrieve(batch.id)
    for each in client.messages.batches.results(batch.id):
        if each.result.type == "succeeded":
            print(each.custom_id, each.result.message.content[0].text)
        else:
            print(each.custom_id, each.result.type, file=sys.stderr)


if __name__ == "__main__":
    main(sys.stdin.read().splitlines())
