from openai import OpenAI

client = OpenAI()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    model = "gpt-5" if len(line) > 22 else "gpt-5-mini"
    response = client.responses.create(model=model, input=f"Summarise: {line}")
    print(response.model, response.output_text)
