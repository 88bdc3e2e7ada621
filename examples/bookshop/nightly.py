"""Started by cron at two in the morning: summarises the reviews of the day."""

import sqlite3

from bookshop.reviews import Review, overview, summarise


def new_reviews(database: sqlite3.Connection) -> list[Review]:
    """Return the reviews that have no summary yet, some ten thousand a night."""
    return [Review(*row) for row in database.execute("SELECT id, title, text FROM reviews WHERE summary IS NULL")]


def main() -> None:
    """Summarise all new reviews."""
    database = sqlite3.connect("bookshop.db")
    reviews = new_reviews(database)
    for review in reviews:
        review.summary = summarise(review)
        database.execute("UPDATE reviews SET summary = ? WHERE id = ?", (review.summary, review.id))
    database.commit()
    for section, text in overview([review.summary for review in reviews]).items():
        print(section, text, sep="\n")


if __name__ == "__main__":
    main()
