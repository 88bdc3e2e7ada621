from openai import OpenAI


def main():
    client = OpenAI()
    tokens = 0
    longest = ""

    def handle(text):
        nonlocal tokens, longest
        response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}")
        tokens += response.usage.total_tokens
        if len(response.output_text) > len(longest):
            longest = response.output_text

    for line in open("reviews.txt", encoding="utf-8"):
        handle(line.strip())
    print(tokens, longest)


main()
