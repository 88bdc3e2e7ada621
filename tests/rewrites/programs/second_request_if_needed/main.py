from openai import OpenAI

client = OpenAI()
MODEL = "gpt-4o-mini"


def ask(text):
    completion = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": text}])
    return completion.choices[0].message.content


complaints = 0
for review in open("reviews.txt", encoding="utf-8").read().splitlines():
    if ask(f"Is this a complaint, yes or no? {review}") == "yes":
        complaints += 1
        print(review, "=>", ask(f"Apologise for: {review}"))
    else:
        print(review, "=> thanks")
print(complaints)
