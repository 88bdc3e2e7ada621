from openai import OpenAI


def topics(client, texts):
    return {client.responses.create(model="gpt-5-mini", input=f"One of: parcel, payment, refund\n{t}").output_text for t in texts}


with open("reviews.txt", encoding="utf-8") as file:
    print(sorted(topics(OpenAI(), file.readlines())))
