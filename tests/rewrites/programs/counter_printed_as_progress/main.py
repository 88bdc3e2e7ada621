import sys

from openai import OpenAI

client = OpenAI()
reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
for done, review in enumerate(reviews, 1):
    reply = client.responses.create(model="gpt-5-mini", input=f"Proofread: {review}")
    with open("proofread.txt", "a", encoding="utf-8") as target:
        target.write(reply.output_text + "\n")
    sys.stdout.write(f"\r{done}/{len(reviews)}")
print()
