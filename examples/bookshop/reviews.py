"""What the bookshop wants to know about a review."""

from dataclasses import dataclass

from .llm import complete

SECTIONS = ("praise", "complaints", "wishes")


@dataclass
class Review:
    """What a customer wrote about a book."""

    id: int
    title: str
    text: str
    summary: str = ""


def summarise(review: Review) -> str:
    """Return the review in one sentence."""
    return complete("Summarise this review of a book in one sentence.", f"{review.title}\n\n{review.text}")


def overview(summaries: list[str]) -> dict[str, str]:
    """Return a paragraph for each section of the weekly letter."""
    everything = "\n".join(summaries)
    return {section: complete("Write one paragraph for our letter.", f"{section}:\n{everything}") for section in SECTIONS}
