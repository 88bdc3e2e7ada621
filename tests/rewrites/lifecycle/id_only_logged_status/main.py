import logging

import anthropic

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger("nightly")
client = anthropic.Anthropic()


def main():
    requests = []
    for number, review in enumerate(open("reviews.txt", encoding="utf-8").read().splitlines()):
        params = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": review}]}
        requests.append({"custom_id": str(number), "params": params})
    logger.info("%d requests", len(requests))
    batch = client.messages.batches.create(requests=requests)
    logger.info("status: %s", batch.processing_status)


main()
