from openai import OpenAI

client = OpenAI()
answers = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    with open("sent.log", "a", encoding="utf-8") as log:
        log.write(line + "\n")
    answers.append(client.responses.create(model="gpt-5-mini", input=f"Shorten: {line}").output_text)
print(answers)
