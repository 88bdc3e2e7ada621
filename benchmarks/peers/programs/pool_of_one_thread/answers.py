import sys
from concurrent.futures import ThreadPoolExecutor

from google import genai

client = genai.Client()


def answer(question: str) -> str:
    return client.models.generate_content(model="gemini-2.5-flash", contents=question).text


questions = sys.stdin.read().splitlines()
with ThreadPoolExecutor(max_workers=1) as pool:
    for question, text in zip(questions, pool.map(answer, questions)):
        print(question, text, sep="\t")
