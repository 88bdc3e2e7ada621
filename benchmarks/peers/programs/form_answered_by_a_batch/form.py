import gradio
from google import genai

client = genai.Client()


def answer(question: str) -> str:
    job = client.batches.create(
        model="gemini-2.5-flash", src=[{"contents": [{"parts": [{"text": question}], "role": "user"}]}]
    )
    return f"Job {job.name} is {job.state}"


gradio.Interface(fn=answer, inputs="text", outputs="text").launch()
