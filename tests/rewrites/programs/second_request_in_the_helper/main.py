from openai import OpenAI

client = OpenAI()


def run(text):
    first = client.responses.create(model="gpt-5-mini", input=f"Is this a complaint, yes or no? {text}").output_text
    if first == "yes":
        reply = client.responses.create(model="gpt-5-mini", input=f"Apologise for: {text}").output_text
    else:
        reply = "thanks"
    return reply


replies = {}
for text in open("reviews.txt").read().splitlines():
    replies[text] = run(text)
print(*replies.items(), sep="\n")
