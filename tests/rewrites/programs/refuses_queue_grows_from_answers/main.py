from openai import OpenAI

client = OpenAI()
queue = open("reviews.txt", encoding="utf-8").read().splitlines()
seen = 0
while queue and seen < 12:
    text = queue.pop(0)
    seen += 1
    answer = client.responses.create(model="gpt-5-mini", input=f"Does this need a follow-up, yes or no? {text}").output_text
    print(text, answer)
    if answer == "yes":
        queue.append(f"follow up {seen}")
