import concurrent.futures

from openai import OpenAI

client = OpenAI()


def label(text: str) -> str:
    response = client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {text}")
    return response.output_text


def main() -> None:
    texts = open("rough.txt", encoding="utf-8").read().splitlines()
    results: dict[str, str] = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        pending = {pool.submit(label, text): text for text in texts}
        for future in concurrent.futures.as_completed(pending):
            text = pending[future]
            try:
                results[text] = future.result()
            except Exception:
                results[text] = "error"
    for text in texts:
        print(results[text], text)


main()
