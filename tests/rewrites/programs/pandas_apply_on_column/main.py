import pandas as pd
from openai import OpenAI

client = OpenAI()


def classify(text):
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": f"Classify this ticket, one of: delivery, payment, other. {text}"}],
        temperature=0,
    )
    return response.choices[0].message.content.strip()


df = pd.read_csv("tickets.csv")
df = df.dropna(subset=["text"])
df["label"] = df["text"].apply(classify)
df.to_csv("labelled.csv", index=False)
print(df[["id", "label"]].to_string())
