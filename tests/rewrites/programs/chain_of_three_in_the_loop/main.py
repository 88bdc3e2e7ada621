from openai import OpenAI

client = OpenAI()
for review in open("reviews.txt", encoding="utf-8").read().splitlines():
    topic = client.responses.create(model="gpt-5-mini", input=f"Topic, one of: plot, price, parcel: {review}").output_text
    reply = client.responses.create(model="gpt-5-mini", input=f"Answer a review about the {topic}: {review}").output_text
    polite = client.responses.create(model="gpt-5-mini", input=f"Make this polite: {reply}").output_text
    print(topic, polite)
