from openai import OpenAI

client = OpenAI()


def load():
    with open("reviews.txt", encoding="utf-8") as file:
        return file.read().splitlines()


def main():
    queue = load()
    done = []
    while queue:
        review = queue.pop(0)
        reply = client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": f"Is this review positive, yes or no? {review}"}]
        )
        done.append((review, reply.choices[0].message.content))
    for review, verdict in done:
        print(verdict, review)
    print(len(queue), "left")


main()
