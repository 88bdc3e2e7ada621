from openai import OpenAI

client = OpenAI()
reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
for number, review in enumerate(reviews, 1):
    print(f"[{number}/{len(reviews)}] {review}")
    response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {review}")
    print("   ->", response.output_text)
print("done")
