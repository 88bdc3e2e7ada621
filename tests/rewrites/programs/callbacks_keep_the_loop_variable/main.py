from openai import OpenAI

client = OpenAI()
callbacks = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    answer = client.responses.create(model="gpt-5-mini", input=f"Shorten: {line}").output_text
    callbacks.append(lambda: print(line, answer))
for callback in callbacks:
    callback()
