import io
import sys

from openai import OpenAI

sys.stdin = io.StringIO("y\nn\ny\ny\nn\n")
client = OpenAI()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    draft = client.responses.create(model="gpt-5-mini", input=f"Draft a reply: {line}").output_text
    print(draft)
    if input("send? ") == "y":
        print("sent")
