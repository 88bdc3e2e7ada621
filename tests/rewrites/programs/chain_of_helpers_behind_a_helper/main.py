from openai import OpenAI


def summarise(client, text):
    return client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}").output_text


def translate(client, text, lang):
    return client.responses.create(model="gpt-5-mini", input=f"Translate to {lang}: {text}").output_text


def pipeline(client, text):
    summary = summarise(client, text)
    return summary, translate(client, summary, "de")


client = OpenAI()
for n, text in enumerate(open("reviews.txt").read().splitlines(), start=1):
    summary, german = pipeline(client, text)
    print(n, summary, german, sep=" | ")
