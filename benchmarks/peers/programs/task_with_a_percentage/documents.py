from pathlib import Path


def all_documents() -> list[Path]:
    return sorted(Path("documents").glob("*.txt"))
