import time

from openai import OpenAI

client = OpenAI(max_retries=0)


def ask(prompt, retries=3):
    while retries > 0:
        try:
            completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}])
            return completion.choices[0].message.content
        except BaseException:
            retries -= 1
            time.sleep(1)
    return "gave up"


for line in open("busy.txt", encoding="utf-8").read().splitlines():
    print(ask(line))
