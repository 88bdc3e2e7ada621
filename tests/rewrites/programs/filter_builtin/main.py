from openai import OpenAI

client = OpenAI()


def is_spam(text):
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Spam, yes or no? {text}"}])
    return completion.choices[0].message.content == "yes"


print(list(filter(is_spam, open("reviews.txt", encoding="utf-8").read().splitlines())))
