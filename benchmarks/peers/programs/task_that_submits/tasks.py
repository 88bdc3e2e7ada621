from celery import Celery
from openai import OpenAI

queue = Celery("tasks", broker="redis://")
client = OpenAI()


@queue.task
def submit(file: str) -> str:
    batch = client.batches.create(input_file_id=file, endpoint="/v1/responses", completion_window="24h")
    return batch.id
