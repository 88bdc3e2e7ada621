from openai import OpenAI

client = OpenAI()
messages = [{"role": "user", "content": "Answer yes or no until you agree"}]
for turn in range(6):
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=messages)
    text = completion.choices[0].message.content
    messages.append({"role": "assistant", "content": text})
    messages.append({"role": "user", "content": f"Again, yes or no, turn {turn}"})
    print(text)
