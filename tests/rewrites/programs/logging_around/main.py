import logging
import sys

from openai import OpenAI

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpx2").setLevel(logging.WARNING)
log = logging.getLogger("job")
client = OpenAI()


def main():
    for line in open("reviews.txt", encoding="utf-8"):
        answer = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line.strip()}")
        log.info("answer: %s", answer.output_text)
    log.info("finished")


main()
