import os

from mistralai.client import Mistral

client = Mistral(api_key=os.environ["MISTRAL_API_KEY"], server_url=os.environ["BASE"] + "/mistral")

for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.chat.complete(
        model="mistral-small-latest",
        messages=[{"role": "user", "content": f"Summarise: {line}"}],
        temperature=0.1,
    )
    print(response.choices[0].message.content)
