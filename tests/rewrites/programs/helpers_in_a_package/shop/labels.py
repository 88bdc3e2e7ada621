from .llm import complete

PROMPT = "Label this review, one of: praise, complaint, question.\n\n{text}"


def label(text: str) -> str:
    return complete(PROMPT.format(text=text)).lower()
