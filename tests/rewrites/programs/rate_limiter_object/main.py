from limiter import RateLimiter
from openai import OpenAI

client = OpenAI()
limiter = RateLimiter(per_minute=60)


def ask(text):
    limiter.wait()
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
    return completion.choices[0].message.content


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(ask(line))
