from openai import OpenAI

client = OpenAI()
previous = None
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.responses.create(model="gpt-5-mini", input=line, previous_response_id=previous)
    previous = response.id
    print(response.output_text)
