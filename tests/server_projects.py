"""Code for the language server to check: some of it hard to place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

LLM = """\
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text
"""

JOB = """\
from llm import ask


def main(reviews):
    for review in reviews:
        print(ask(review))
"""

WIDE = "from llm import ask\n\n\ndef main(reviews):\n    for review in reviews:\n        print('🦉é', ask(review), '🦉')\n"

UNUSED = "x = 1  # surfacelint: ignore[SRF101] -- not needed\n"

MISTAKEN = "x = 1  # surfacelint: volum=3/day\n"

CELLS = ("from llm import ask\n", "# Notes", "%time\nfor review in open('reviews'):\n    print('🦉', ask(review))\n")

FILES = {
    "llm.py": LLM,
    "job.py": JOB,
    "lines.py": JOB.replace("\n", "\r\n"),
    "mark.py": "\ufefffrom llm import ask; [ask(line) for line in open('lines')]\n",
    "wide.py": WIDE,
    "feed.py": f"x = '\x0b'\n\x0c\n{WIDE}",
    "broken.py": "from llm import ask\ndef f(:\n",
    "unused.py": UNUSED,
    "folder/inner.py": JOB,
}


def project(folder: Path, files: Mapping[str, str] = FILES, settings: str = "") -> Path:
    """Write a project."""
    (folder / "folder").mkdir(parents=True)
    for name, text in {**files, "pyproject.toml": f"[project]\nname = 'p'\n{settings}"}.items():
        (folder / name).write_bytes(text.encode())
    return folder


def notebook(*cells: str) -> str:
    """Return the JSON of a notebook. A cell that starts with `#` is text."""
    rows: list[dict[str, object]] = [
        {"cell_type": "markdown" if cell.startswith("#") else "code", "metadata": {}, "source": cell} for cell in cells
    ]
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
