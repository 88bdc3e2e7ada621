import random
import time

from openai import OpenAI

client = OpenAI()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}")
    print(response.output_text)
    time.sleep(1.5 + random.random())  # stay below the rate limit
