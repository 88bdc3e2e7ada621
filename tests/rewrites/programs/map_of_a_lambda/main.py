from openai import OpenAI

client = OpenAI()
reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
answers = list(map(lambda review: client.responses.create(model="gpt-5-mini", input=review).output_text, reviews))
print(len(answers), answers)
