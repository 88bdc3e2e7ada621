import os

from openai import AzureOpenAI

client = AzureOpenAI(azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"], api_version="2026-06-01")
DEPLOYMENT = "our-gpt-4o-mini"

for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    completion = client.chat.completions.create(model=DEPLOYMENT, messages=[{"role": "user", "content": f"Summarise: {line}"}])
    print(completion.choices[0].message.content)
