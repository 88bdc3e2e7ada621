from openai import OpenAI

client = OpenAI()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    verdict = client.responses.create(model="gpt-5-mini", input=f"Is this a complaint, yes or no: {line}").output_text
    print(line, verdict)
    if verdict == "yes":
        break
