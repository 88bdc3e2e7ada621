from google import genai
from google.genai import types

client = genai.Client()

for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.models.generate_content(
        model="gemini-3-flash",
        contents=f"Summarise: {line}",
        config=types.GenerateContentConfig(system_instruction="Be brief.", temperature=0.2, max_output_tokens=100),
    )
    print(response.text)
