from openai import OpenAI


class Writer:
    def __init__(self):
        self.client = OpenAI()
        self.count = 0
        self.log = []

    def write(self, text):
        self.count += 1
        self.log.append(f"request {self.count}")
        response = self.client.responses.create(model="gpt-5-mini", input=f"{self.count}: {text}")
        self.log.append(f"answer {self.count}")
        return response.output_text


writer = Writer()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(writer.write(line))
print(writer.count, len(writer.log))
