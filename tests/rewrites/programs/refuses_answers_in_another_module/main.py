from memory import recall, remember
from openai import OpenAI

client = OpenAI()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    answer = client.responses.create(model="gpt-5-mini", input=f"{recall()}\nNow: {line}").output_text
    remember(answer)
    print(answer)
