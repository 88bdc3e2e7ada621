from fastapi import FastAPI
from openai import OpenAI
from pydantic import BaseModel

app = FastAPI()
client = OpenAI()


class Question(BaseModel):
    text: str


@app.post("/ask")
async def ask(question: Question) -> dict[str, str]:
    answer = client.chat.completions.create(
        model="gpt-5-mini", messages=[{"role": "user", "content": question.text}]
    )
    return {"answer": answer.choices[0].message.content}
