from multiprocessing.pool import ThreadPool

from openai import OpenAI

client = OpenAI()


def stars(text):
    return int(client.responses.create(model="gpt-5-mini", input=f"Rate from 1 to 5: {text}").output_text)


if __name__ == "__main__":
    reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
    with ThreadPool(4) as pool:
        ratings = pool.map(stars, reviews)
    print(ratings, sum(ratings))
