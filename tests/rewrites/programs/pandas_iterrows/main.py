import pandas as pd
from openai import OpenAI

client = OpenAI()
df = pd.read_csv("tickets.csv")
df["priority"] = 0

for index, row in df.iterrows():
    if not isinstance(row["text"], str):
        continue
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": f"How urgent is this, from 1 to 5? {row['text']}"}],
    )
    df.at[index, "priority"] = int(completion.choices[0].message.content)

df.to_csv("prioritised.csv", index=False)
print(df["priority"].sum())
