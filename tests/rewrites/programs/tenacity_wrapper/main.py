from openai import OpenAI
from tenacity import retry, stop_after_attempt, wait_fixed


class Summariser:
    def __init__(self) -> None:
        self.client = OpenAI()

    @retry(stop=stop_after_attempt(3), wait=wait_fixed(10), reraise=True)
    def summarise(self, text: str) -> str:
        response = self.client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}")
        return response.output_text


summariser = Summariser()
summaries = [summariser.summarise(line.strip()) for line in open("reviews.txt", encoding="utf-8")]
print(*summaries, sep="\n")
