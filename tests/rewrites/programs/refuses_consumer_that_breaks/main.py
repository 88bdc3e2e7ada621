from openai import OpenAI

client = OpenAI()


def verdicts(texts):
    for text in texts:
        yield text, client.responses.create(model="gpt-5-mini", input=f"Complaint, yes or no? {text}").output_text


for text, verdict in verdicts(open("reviews.txt", encoding="utf-8").read().splitlines()):
    print(text, verdict)
    if verdict == "no":
        break
