from openai import OpenAI

client = OpenAI()
reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
labels = [client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {review}").output_text for review in reviews]
print(labels)
