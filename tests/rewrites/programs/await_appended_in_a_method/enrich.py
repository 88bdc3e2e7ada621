from openai import AsyncOpenAI


class Enricher:
    def __init__(self, model):
        self.model = model
        self.client = AsyncOpenAI()

    async def mood(self, text):
        completion = await self.client.chat.completions.create(
            model=self.model,
            messages=[{"role": "user", "content": f"One of: calm, tense, funny: {text}"}],
        )
        return completion.choices[0].message.content

    async def enrich(self, books):
        enriched = []
        for book in books:
            mood = await self.mood(book["blurb"])
            enriched.append({**book, "mood": mood})
        return enriched
