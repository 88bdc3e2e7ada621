from openai import OpenAI

client = OpenAI()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    stream = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": line}], stream=True)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="", flush=True)
    print()
