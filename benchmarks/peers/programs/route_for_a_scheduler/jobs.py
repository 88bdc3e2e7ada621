from anthropic import Anthropic
from flask import Flask

from store import new_documents, remember

app = Flask(__name__)
client = Anthropic()


@app.post("/internal/cron/nightly")
def nightly():
    requests = [
        {
            "custom_id": document.id,
            "params": {
                "model": "claude-haiku-4-5",
                "max_tokens": 200,
                "messages": [{"role": "user", "content": "Summarise:\n" + document.text}],
            },
        }
        for document in new_documents()
    ]
    remember(client.messages.batches.create(requests=requests).id)
    return {"requests": len(requests)}
