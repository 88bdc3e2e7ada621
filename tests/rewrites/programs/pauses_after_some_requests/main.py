import time
from openai import OpenAI

client = OpenAI()
sent = 0
window = time.monotonic()
for line in open("reviews.txt").read().splitlines():
    if sent and sent % 2 == 0:
        time.sleep(60)
    print(client.responses.create(model="gpt-5-mini", input=line).output_text)
    sent += 1
    time.sleep(0.5)
print(sent)
