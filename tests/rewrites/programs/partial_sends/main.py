from functools import partial

from openai import OpenAI

client = OpenAI()
respond = partial(client.responses.create, model="gpt-5-mini", instructions="Be brief.")

for review in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(respond(input=review).output_text)
