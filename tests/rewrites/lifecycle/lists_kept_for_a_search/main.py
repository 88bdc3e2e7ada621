from openai import OpenAI

client = OpenAI()


def is_flagged(text):
    return client.moderations.create(model="omni-moderation-latest", input=text).results[0].flagged


def check(texts):
    for text, flagged in zip(texts, map(is_flagged, texts)):
        print(text, flagged)
        if len(text) > 15:
            return text
    return None


print(check(open("reviews.txt", encoding="utf-8").read().splitlines()))
