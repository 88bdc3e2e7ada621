from openai import OpenAI

client = OpenAI()


def is_complaint(text: str) -> bool:
    answer = client.responses.create(model="gpt-5-mini", input=f"Is this a complaint, yes or no? {text}")
    return answer.output_text == "yes"


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
complaints = [text for text in texts if is_complaint(text)]
print(len(complaints), "of", len(texts), complaints)
