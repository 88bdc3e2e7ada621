from openai import OpenAI


class Reviewer:
    def __init__(self, api_key=None):
        self.client = OpenAI(api_key=api_key)
        self.model = "gpt-4o-mini"
        self.done = 0

    def review(self, text):
        completion = self.client.chat.completions.create(
            model=self.model,
            messages=[{"role": "user", "content": f"Review: {text}"}],
        )
        self.done += 1
        return completion.choices[0].message.content

    def review_all(self, texts):
        results = []
        for text in texts:
            results.append(self.review(text))
        return results


if __name__ == "__main__":
    reviewer = Reviewer()
    print(reviewer.review_all(open("reviews.txt", encoding="utf-8").read().splitlines()))
    print(reviewer.done, "done")
