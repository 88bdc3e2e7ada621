from openai import OpenAI
from rich.console import Console
from rich.progress import track

client = OpenAI()
reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
results = []
for review in track(reviews, description="Rating", console=Console(stderr=True)):
    results.append(client.responses.create(model="gpt-5-mini", input=f"Rate from 1 to 5: {review}").output_text)
print(results)
