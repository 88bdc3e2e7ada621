from openai import OpenAI

client = OpenAI()


def is_complaint(text):
    return client.responses.create(model="gpt-5-mini", input=f"Complaint, yes or no? {text}").output_text == "yes"


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
print(any(is_complaint(text) for text in texts))
