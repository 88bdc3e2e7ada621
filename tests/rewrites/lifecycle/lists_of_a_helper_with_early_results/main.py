import pandas as pd
from openai import OpenAI

client = OpenAI()


def get_embedding(text: str) -> list[float]:
    """Return the vector of a text, and none for an empty one."""
    if not text.strip():
        print("empty")
        return []
    embedding = client.embeddings.create(
        model="text-embedding-3-small",
        input=text,
    )
    return embedding.data[0].embedding


frame = pd.read_csv("reviews.csv", keep_default_na=False)
frame["vector"] = frame["text"].apply(get_embedding)
print(frame["vector"].tolist())
