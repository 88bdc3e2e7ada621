from openai import OpenAI


class Job:
    client = OpenAI()
    model: str = "gpt-5-mini"

    def __init__(self, path):
        self.lines = open(path).read().splitlines()
        self.answers = []

    def go(self):
        i = 0
        while i < len(self.lines):
            line = self.lines[i]
            i += 1
            if line.startswith("Too"):
                continue
            r = self.client.responses.create(model=self.model, input=f"{i}: {line}")
            self.answers.append(r.output_text)
        return i


job = Job("reviews.txt")
print(job.go(), job.answers)
