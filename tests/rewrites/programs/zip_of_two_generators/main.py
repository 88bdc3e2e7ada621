from openai import OpenAI

client = OpenAI()


def titles(texts):
    for text in texts:
        yield client.responses.create(model="gpt-5-mini", input=f"Title: {text}").output_text


def grades(texts):
    for text in texts:
        yield int(client.responses.create(model="gpt-5-mini", input=f"Grade from 1 to 6: {text}").output_text)


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
for title, grade in zip(titles(texts), grades(texts)):
    print(grade, title)
