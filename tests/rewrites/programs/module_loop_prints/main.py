from openai import OpenAI

client = OpenAI()
reviews = [line.strip() for line in open("reviews.txt", encoding="utf-8")]

for review in reviews:
    response = client.responses.create(model="gpt-5-mini", input=f"Summarise this review: {review}")
    print(response.output_text)
