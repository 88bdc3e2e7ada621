from openai import OpenAI

client = OpenAI()


def title(text):
    if len(text) < 23:
        return text.upper()
    elif text.endswith("weekend"):
        prompt = f"A short title about time: {text}"
    else:
        prompt = f"A title: {text}"
    return client.responses.create(model="gpt-5-mini", input=prompt).output_text


for number, review in enumerate(open("reviews.txt", encoding="utf-8").read().splitlines()):
    print(number, title(review))
