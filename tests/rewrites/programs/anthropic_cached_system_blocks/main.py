import json

from anthropic import Anthropic


class Describer:
    def __init__(self) -> None:
        self._anthropic = Anthropic(max_retries=4)
        self.tokens = 0

    def __call__(self, book: dict[str, str]) -> str:
        message = self._anthropic.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=300,
            system=[{"type": "text", "text": "Describe books.", "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": [{"type": "text", "text": f"{book['title']}: {book['blurb']}"}]}],
            timeout=60,
            extra_headers={"anthropic-beta": "none"},
        )
        self.tokens += message.usage.output_tokens
        return "".join(block.text for block in message.content if block.type == "text")


describe = Describer()
books = json.load(open("books.json", encoding="utf-8"))
for book in books:
    book["description"] = describe(book)
print(json.dumps(books), describe.tokens)
