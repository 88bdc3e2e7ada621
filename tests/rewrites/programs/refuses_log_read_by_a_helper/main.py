from openai import OpenAI

client = OpenAI()


def context():
    try:
        with open("log.txt") as f:
            return f.read()[-200:]
    except FileNotFoundError:
        return ""


def remember(text):
    with open("log.txt", "a") as f:
        f.write(text + "\n")


for line in open("reviews.txt").read().splitlines():
    answer = client.responses.create(model="gpt-5-mini", input=context() + line).output_text
    remember(answer)
    print(answer)
