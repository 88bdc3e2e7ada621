from openai import OpenAI

client = OpenAI()
history = [{"role": "system", "content": "You discuss reviews."}]
for line in open("reviews.txt", encoding="utf-8"):
    history.append({"role": "user", "content": line.strip()})
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=history)
    history.append({"role": "assistant", "content": completion.choices[0].message.content})
print(history[-1]["content"])
