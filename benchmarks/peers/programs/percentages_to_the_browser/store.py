import sqlite3
from dataclasses import dataclass

connection = sqlite3.connect("shop.db", check_same_thread=False)


@dataclass
class Row:
    id: int
    title: str
    category: str = ""

    def save(self) -> None:
        connection.execute("UPDATE products SET category = ? WHERE id = ?", (self.category, self.id))
        connection.commit()


def rows_of(table: str) -> list[Row]:
    found = connection.execute("SELECT id, title FROM products WHERE list = ?", (table,)).fetchall()
    return [Row(number, title) for number, title in found]
