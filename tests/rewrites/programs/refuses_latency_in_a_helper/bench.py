import time

from openai import OpenAI

client = OpenAI()


def timed_ask(text):
    begun = time.time()
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
    return completion.choices[0].message.content, time.time() - begun
