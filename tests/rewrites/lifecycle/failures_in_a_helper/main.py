import time

import anthropic

client = anthropic.Anthropic()


def submit(reviews):
    requests = []
    for number, review in enumerate(reviews):
        params = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": review}]}
        requests.append({"custom_id": f"review-{number}", "params": params})
    return client.messages.batches.create(requests=requests)


def wait(batch):
    while batch.processing_status != "ended":
        time.sleep(60)
        batch = client.messages.batches.retrieve(batch.id)
    return batch


def text_of(entry):
    message = entry.result.message
    return "".join(block.text for block in message.content if block.type == "text")


batch = wait(submit(open("reviews.txt", encoding="utf-8").read().splitlines()))
found = {}
for entry in client.messages.batches.results(batch.id):
    found[entry.custom_id] = text_of(entry)
print(sorted(found.items()))
