from concurrent.futures import ThreadPoolExecutor
from functools import partial

from openai import OpenAI


def ask(client, text, *, instructions):
    return client.responses.create(model="gpt-5-mini", instructions=instructions, input=text).output_text


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
with ThreadPoolExecutor(max_workers=4) as pool:
    for answer in pool.map(partial(ask, OpenAI(), instructions="Shorten."), texts):
        print(answer)
