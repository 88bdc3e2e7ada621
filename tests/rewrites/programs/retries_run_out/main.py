import time

from openai import OpenAI

client = OpenAI(max_retries=0)


def ask(text):
    for _ in range(2):
        try:
            return client.responses.create(model="gpt-5-mini", input=text).output_text
        except Exception as error:
            last = error
            time.sleep(1)
    raise RuntimeError(f"no answer about {text}") from last


for line in open("rough.txt", encoding="utf-8").read().splitlines():
    print(ask(line))
