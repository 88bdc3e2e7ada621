from openai import BadRequestError, OpenAI

client = OpenAI()
for text in open("reviews.txt", encoding="utf-8").read().splitlines():
    try:
        vector = client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding
    except BadRequestError as error:
        print("refused", text)
    else:
        print(text, vector[:2])
