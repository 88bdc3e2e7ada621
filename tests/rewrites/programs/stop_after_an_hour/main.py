import time

from openai import OpenAI

client = OpenAI()
started = time.monotonic()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    if time.monotonic() - started > 3600:
        print("out of time")
        break
    print(client.responses.create(model="gpt-5-mini", input=f"Shorten: {line}").output_text)
