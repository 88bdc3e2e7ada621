from openai import OpenAI

client = OpenAI()
lines = open("reviews.txt", encoding="utf-8").read().splitlines()
for line in lines + lines:
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": line}])
    print(completion.choices[0].message.content)
