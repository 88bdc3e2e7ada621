import pandas as pd
from openai import OpenAI

client = OpenAI()


def embed(text: str) -> list[float]:
    return client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding


df = pd.read_json("books.json")
df["vector"] = df["blurb"].apply(embed)
print(df[["title", "vector"]].to_csv(index=False))
