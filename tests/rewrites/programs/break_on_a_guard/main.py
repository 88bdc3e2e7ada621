from openai import OpenAI

client = OpenAI()
answers = []
for line in open("reviews.txt", encoding="utf-8"):
    text = line.strip()
    if text.startswith("Arrived"):
        print("stop at", text)
        break
    answers.append(client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}").output_text)
print(answers)
