from llm import submit


def submit_digest(messages: list[str]) -> str:
    return submit("Summarise this conversation:\n" + "\n".join(messages))
