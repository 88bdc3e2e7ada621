from pathlib import Path

from google import genai

client = genai.Client()


def find(question: str, folder: str) -> Path | None:
    for page in sorted(Path(folder).glob("*.txt")):
        prompt = f"Does this page answer the question {question!r}? Say yes or no.\n\n{page.read_text()}"
        answer = client.models.generate_content(model="gemini-2.5-flash-lite", contents=prompt).text
        if answer.strip().lower().startswith("yes"):
            return page
    return None
