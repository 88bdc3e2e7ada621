import anthropic

client = anthropic.Anthropic()
SYSTEM = "You are the assistant of a bookshop. Answer in one line."


def answer(review):
    message = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=200,
        system=SYSTEM,
        messages=[{"role": "user", "content": review}],
    )
    return message.content[0].text


for review in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(answer(review))
