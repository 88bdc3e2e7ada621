from openai import OpenAI

client = OpenAI()


def read(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            print("read", line.strip())
            yield line.strip()
    print("end of file")


for line in read("reviews.txt"):
    print(client.responses.create(model="gpt-5-mini", input=f"Shorten: {line}").output_text)
