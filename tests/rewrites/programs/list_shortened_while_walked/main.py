from openai import OpenAI

client = OpenAI()
pending = open("reviews.txt", encoding="utf-8").read().splitlines()
done = []
for line in list(pending):
    pending.remove(line)
    done.append(client.responses.create(model="gpt-5-mini", input=f"{len(pending)} to go: {line}").output_text)
print(pending, done)
