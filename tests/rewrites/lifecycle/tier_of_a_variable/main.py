from openai import OpenAI

client = OpenAI()


def ask(text, tier="priority"):
    return client.responses.create(model="gpt-5", input=text, service_tier=tier).output_text


if __name__ == "__main__":
    print(ask(open("reviews.txt", encoding="utf-8").read()))
