from openai import OpenAI

client = OpenAI()
items = open("reviews.txt", encoding="utf-8").read().splitlines()
def ask(text):
    log = open("log.txt", "a", encoding="utf-8")
    log.write(text)
    log.close()
    return client.responses.create(model="gpt-5-mini", input=text).output_text


for text in items:
    print(ask(text))
