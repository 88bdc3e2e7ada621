from openai import OpenAI

client = OpenAI()
with open("reviews.txt", encoding="utf-8") as file:
    while True:
        line = file.readline()
        if not line:
            break
        print(client.responses.create(model="gpt-5-mini", input=f"Shorten: {line.strip()}").output_text)
print("done")
