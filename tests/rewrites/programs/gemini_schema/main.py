from google import genai
from pydantic import BaseModel


class Verdict(BaseModel):
    label: str
    stars: int


client = genai.Client()
verdicts = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.models.generate_content(
        model="gemini-3-flash",
        contents=line,
        config={"response_mime_type": "application/json", "response_schema": Verdict},
    )
    verdicts.append(response.parsed)
for verdict in verdicts:
    print(verdict.label, verdict.stars)
