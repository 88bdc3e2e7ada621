from openai import OpenAI

client = OpenAI()
topics = {}
for line in open("reviews.txt").read().splitlines():
    topic = client.responses.create(model="gpt-5-mini", input=f"One of: book, post, toy: {line}").output_text
    if topic in topics:
        topics[topic] += 1
        continue
    topics[topic] = 1
    print(topic, client.responses.create(model="gpt-5-mini", input=f"Describe {topic}").output_text)
print(topics)
