from dataclasses import dataclass
from pathlib import Path


@dataclass
class Document:
    id: str
    text: str


def new_documents() -> list[Document]:
    return [Document(path.stem, path.read_text()) for path in Path("inbox").glob("*.txt")]


def remember(batch: str) -> None:
    with open("batches.txt", "a") as out:
        out.write(batch + "\n")
