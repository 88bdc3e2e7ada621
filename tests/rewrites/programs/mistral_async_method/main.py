import asyncio
import os

from mistralai.client import Mistral


class Labeller:
    def __init__(self):
        self.client = Mistral(api_key=os.environ["MISTRAL_API_KEY"], server_url=f"{os.environ['BASE']}/mistral")

    async def label(self, text):
        response = await self.client.chat.complete_async(
            model="mistral-small-latest", messages=[{"role": "user", "content": f"One of: praise, complaint: {text}"}]
        )
        return response.choices[0].message.content

    async def run(self, texts):
        labels = {}
        for text in texts:
            labels[text] = await self.label(text)
        return labels


print(asyncio.run(Labeller().run(open("reviews.txt", encoding="utf-8").read().splitlines())))
