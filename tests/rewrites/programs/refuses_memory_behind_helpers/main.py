from openai import OpenAI


class Agent:
    def __init__(self):
        self.client = OpenAI()
        self.memory = []

    def ask(self, text):
        self.memory.append(f"user: {text}")
        response = self.client.responses.create(model="gpt-5-mini", input="\n".join(self.memory))
        self.memory.append(f"assistant: {response.output_text}")
        return response.output_text


agent = Agent()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(agent.ask(line))
