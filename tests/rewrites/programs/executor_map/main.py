from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

client = OpenAI()


def summarise(text):
    return client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}").output_text


def main():
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    with ThreadPoolExecutor(max_workers=8) as pool:
        for text, summary in zip(texts, pool.map(summarise, texts)):
            print(text, "->", summary)


if __name__ == "__main__":
    main()
