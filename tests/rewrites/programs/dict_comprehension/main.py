import json

from openai import OpenAI

client = OpenAI()


def main():
    with open("articles.json", encoding="utf-8") as file:
        articles = json.load(file)
    topics = {
        slug: client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": f"Name the topic, one of: economy, weather, sports, arts. {text}"}],
        ).choices[0].message.content
        for slug, text in articles.items()
    }
    print(json.dumps(topics, sort_keys=True))


if __name__ == "__main__":
    main()
