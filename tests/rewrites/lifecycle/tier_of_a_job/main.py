from openai import OpenAI

client = OpenAI()


def main():
    text = open("reviews.txt", encoding="utf-8").read()
    response = client.responses.create(
        model="gpt-5",
        input=text,
        service_tier="priority",  # quick
        timeout=30,
    )
    print(len(response.output_text))


if __name__ == "__main__":
    main()
