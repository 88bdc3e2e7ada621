from openai import OpenAI

client = OpenAI()


def classify(texts: list[str]) -> list[str]:
    labels = []
    for text in texts:
        response = client.responses.create(model="gpt-5-mini", input=f"One of: good, bad: {text}")
        labels.append(response.output_text)
    return labels


with open("reviews.txt", encoding="utf-8") as file:
    reviews = file.read().splitlines()
print(classify(reviews[:2]))
print(classify(reviews[2:]))
print(classify([]))
