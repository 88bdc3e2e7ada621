import sys
from pathlib import Path

from anthropic import Anthropic
from rich.console import Console

console = Console()
client = Anthropic()

with console.status("Thinking …"):
    reply = client.messages.create(
        model="claude-opus-4-1",
        max_tokens=2000,
        messages=[{"role": "user", "content": "Explain this file:\n" + Path(sys.argv[1]).read_text()}],
    )
console.print(reply.content[0].text)
