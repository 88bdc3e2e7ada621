from openai import OpenAI

client = OpenAI()
with open("log.txt", "w", encoding="utf-8") as log:
    for line in open("reviews.txt", encoding="utf-8").read().splitlines():
        print("asking", line, file=log)
        answer = client.responses.create(model="gpt-5-mini", input=line).output_text
        print("answer", answer, file=log)
