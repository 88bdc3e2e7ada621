from openai import OpenAI

client = OpenAI()


def log(message):
    with open("audit.log", "a", encoding="utf-8") as file:
        file.write(message + "\n")


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    log(f"sending {line}")
    response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}")
    log(f"received {response.output_text}")
print(open("audit.log", encoding="utf-8").read())
