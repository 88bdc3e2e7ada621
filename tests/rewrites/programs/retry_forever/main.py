import time

import openai

client = openai.OpenAI(max_retries=0)
for line in open("busy.txt", encoding="utf-8").read().splitlines():
    while True:
        try:
            completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": line}])
            break
        except openai.RateLimitError:
            time.sleep(20)
    print(completion.choices[0].message.content)
