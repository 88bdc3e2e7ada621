from celery import shared_task
from openai import OpenAI

from documents import all_documents

client = OpenAI()


@shared_task(bind=True)
def summarise_all(self) -> int:
    documents = all_documents()
    for number, document in enumerate(documents):
        reply = client.chat.completions.create(
            model="gpt-5-mini", messages=[{"role": "user", "content": "Summarise:\n" + document.read_text()}]
        )
        document.with_suffix(".summary").write_text(reply.choices[0].message.content)
        self.update_state(state="PROGRESS", meta={"done": number + 1, "of": len(documents)})
    return len(documents)
