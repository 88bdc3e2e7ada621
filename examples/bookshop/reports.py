"""The reports that the staff ask for in the browser."""

import tempfile
import uuid
from pathlib import Path

from fastapi import FastAPI

from bookshop import llm

app = FastAPI()
reports = Path(tempfile.gettempdir())


@app.post("/reports")
def create_report(comments: list[str]) -> str:
    """Report on the comments that somebody uploads."""
    batch_id = llm.submit("Which book is this comment about, and what does it ask of us?", comments)
    path = reports / f"{uuid.uuid4()}.jsonl"
    llm.wait(batch_id, path)
    return path.read_text(encoding="utf-8")


@app.post("/exports", status_code=202)
def start_export(comments: list[str]) -> str:
    """Start a long report, and say how to ask for it later."""
    return llm.submit("Translate this comment into English.", comments)


@app.post("/answers")
def suggest_answer(comment: str) -> str:
    """Suggest an answer to one comment, while the person who reads it waits."""
    return llm.complete("Suggest a friendly answer to this comment.", comment)
