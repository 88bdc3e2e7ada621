from openai import OpenAI


class Store:
    """Texts with their vectors."""

    def __init__(self, model: str) -> None:
        self.client = OpenAI()
        self.model = model
        self.rows: dict[str, list[float]] = {}

    def embed(self, text: str) -> list[float]:
        """Return the vector of a text."""
        text = text.replace("\n", " ")
        response = self.client.embeddings.create(input=[text], model=self.model)
        vector = response.data[0].embedding
        size = sum(x * x for x in vector) ** 0.5
        return [x / size for x in vector]

    def add_all(self, texts: list[str]) -> None:
        for number, text in enumerate(texts, 1):
            self.rows[text] = self.embed(text)
            print(f"{number}/{len(texts)}")


store = Store("text-embedding-3-small")
store.add_all(open("reviews.txt", encoding="utf-8").read().splitlines())
for text, vector in store.rows.items():
    print(text, [round(x, 6) for x in vector[:3]])
