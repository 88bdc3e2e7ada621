from openai import OpenAI

client = OpenAI()


def extract(text: str) -> str:
    return client.responses.create(model="gpt-5-mini", input="Which day does this text speak of?\n" + text).output_text
