from openai import OpenAI

client = OpenAI()
answered = set()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    words = [word for word in line.split() if word.lower() not in answered]
    if not words:
        continue
    response = client.responses.create(model="gpt-5-mini", input=f"Name a keyword: {' '.join(words)}")
    answered.update(response.output_text.lower().split())
    print(response.output_text)
