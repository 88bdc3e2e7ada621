import time

from anthropic import Anthropic
from flask import Flask, jsonify, request

app = Flask(__name__)
client = Anthropic()


@app.route("/summaries", methods=["POST"])
def summaries():
    requests = [
        {
            "custom_id": str(number),
            "params": {
                "model": "claude-haiku-4-5",
                "max_tokens": 300,
                "messages": [{"role": "user", "content": "Summarise:\n" + text}],
            },
        }
        for number, text in enumerate(request.json["texts"])
    ]
    batch = client.messages.batches.create(requests=requests)
    while batch.processing_status != "ended":
        time.sleep(5)
        batch = client.messages.batches.retrieve(batch.id)
    results = client.messages.batches.results(batch.id)
    return jsonify({each.custom_id: each.result.message.content[0].text for each in results if each.result.type == "succeeded"})
