from openai import OpenAI

client = OpenAI()


def shorten(file):
    count = 0
    while True:
        line = file.readline()
        if not line:
            return count
        print(client.responses.create(model="gpt-5-mini", input=f"Shorten: {line}").output_text)
        count += 1


with open("reviews.txt", encoding="utf-8") as reviews:
    print(shorten(reviews))
