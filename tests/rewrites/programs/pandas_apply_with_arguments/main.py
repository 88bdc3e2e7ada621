import pandas as pd
from openai import OpenAI

client = OpenAI()


def ask(text, model, suffix="?"):
    return client.responses.create(model=model, input=text + suffix).output_text


df = pd.DataFrame({"q": open("reviews.txt").read().splitlines()})
df["a"] = df["q"].apply(ask, args=("gpt-5-mini",), suffix="!")
df["n"] = df.a.str.len()
print(df.to_csv(index=False))
