from openai import OpenAI

client = OpenAI()
with open("rough.txt", encoding="utf-8") as file:
    for number, line in enumerate(file):
        response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line.strip()}")
        print(number, response.output_text, flush=True)
