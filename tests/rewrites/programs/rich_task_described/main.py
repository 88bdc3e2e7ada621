from openai import OpenAI
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

console = Console(width=100)


def main():
    client = OpenAI()
    table = Table("text", "answer")
    lines = open("reviews.txt").read().splitlines()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("asking", total=len(lines))
        for line in lines:
            progress.update(task, description=line[:8])
            reply = client.responses.create(model="gpt-5-mini", input=line)
            table.add_row(line, reply.output_text)
            progress.advance(task)
    console.print(table)


main()
