import json

from openai import OpenAI
from rich.console import Console
from rich.progress import Progress

client = OpenAI()


def main():
    articles = json.load(open("articles.json", encoding="utf-8"))
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Translating", total=len(articles))
        for slug, text in articles.items():
            response = client.responses.create(model="gpt-5-mini", instructions="Translate into Spanish.", input=text)
            with open(f"{slug}.txt", "w", encoding="utf-8") as target:
                target.write(response.output_text)
            progress.update(task, advance=1)
    print("done")


main()
