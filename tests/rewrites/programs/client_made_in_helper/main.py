import os

import openai


def get_completion(prompt, model="gpt-4o-mini"):
    client = openai.OpenAI(api_key=os.getenv("OPENAI_API_KEY"))
    messages = [{"role": "user", "content": prompt}]
    response = client.chat.completions.create(model=model, messages=messages, temperature=0)
    return response.choices[0].message.content


reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
for i in range(len(reviews)):
    prompt = f"""
    Your task is to summarise a product review.
    Review: ```{reviews[i]}```
    """
    response = get_completion(prompt)
    print(i, response, "\n")
