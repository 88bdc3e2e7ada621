from celery import Celery
from celery.schedules import crontab
from openai import AzureOpenAI

from models import Call, session

app = Celery("calls", broker="redis://")
app.conf.beat_schedule = {"summaries": {"task": "tasks.summarise_calls", "schedule": crontab(hour=2)}}
client = AzureOpenAI(api_version="2025-04-01-preview")


def summarise(transcript: str) -> str:
    answer = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "Summarise this call:\n" + transcript}]
    )
    return answer.choices[0].message.content


@app.task
def summarise_calls() -> None:
    for call in session.query(Call).filter(Call.summary.is_(None)):
        call.summary = summarise(call.transcript)
        session.commit()
