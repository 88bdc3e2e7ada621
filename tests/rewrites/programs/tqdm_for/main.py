from openai import OpenAI
from tqdm import tqdm

client = OpenAI()


def label(text):
    return client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {text}").output_text


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
labels = []
for text in tqdm(texts, desc="labelling"):
    labels.append(label(text))
print(labels)
