import time

from openai import OpenAI, RateLimitError

client = OpenAI(max_retries=0)


def ask(text):
    messages = [{"role": "user", "content": text}]
    try:
        completion = client.chat.completions.create(model="gpt-4o-mini", messages=messages)
    except RateLimitError:
        time.sleep(60)
        completion = client.chat.completions.create(model="gpt-4o-mini", messages=messages)
    return completion.choices[0].message.content


for line in open("busy.txt", encoding="utf-8").read().splitlines():
    print(ask(line))
