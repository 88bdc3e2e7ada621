from openai import OpenAI

client = OpenAI()


def main(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            reply = client.responses.create(model="gpt-5-mini", input=f"Proofread: {line.strip()}")
            print(reply.output_text)
        else:
            print("all lines read")


main("reviews.txt")
