from flask import Flask, request

from tasks import submit

app = Flask(__name__)


@app.post("/uploads")
def upload():
    submit.delay(request.json["file"])
    return {"queued": True}
