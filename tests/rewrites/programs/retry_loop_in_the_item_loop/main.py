import time

from openai import OpenAI

client = OpenAI()
done = {}
for text in open("rough.txt", encoding="utf-8").read().splitlines():
    if "ITEM" in text and "FAIL" not in text:
        continue
    retries = 0
    while retries < 2:
        try:
            reply = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}], temperature=0)
            done[text] = reply.choices[0].message.content
            break
        except Exception:
            retries += 1
            time.sleep(5)
    else:
        done[text] = "gave up"
print(done)
