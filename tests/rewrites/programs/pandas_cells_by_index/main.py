import pandas as pd
from openai import OpenAI

client = OpenAI()
df = pd.read_csv("tickets.csv").fillna("")
df["reply"] = ""
for i in df.index:
    text = df.loc[i, "text"]
    if text == "":
        continue
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Reply to: {text}"}])
    df.loc[i, "reply"] = completion.choices[0].message.content
df.to_csv("replies.csv", index=False)
