from openai import OpenAI


class Reader:
    def __init__(self, path):
        self.path = path
        self.count = 0

    def __iter__(self):
        with open(self.path) as f:
            for line in f:
                self.count += 1
                yield line.strip()


client = OpenAI()
reader = Reader("reviews.txt")
for line in reader:
    print(client.responses.create(model="gpt-5-mini", input=f"{reader.count}: {line}").output_text)
