from openai import OpenAI


def process(texts, send, on_answer):
    for number, text in enumerate(texts):
        on_answer(number, send(text))


def main():
    client = OpenAI()
    collected = {}

    def send(text):
        return client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}").output_text

    process(open("reviews.txt", encoding="utf-8").read().splitlines(), send, collected.__setitem__)
    print(collected)


main()
