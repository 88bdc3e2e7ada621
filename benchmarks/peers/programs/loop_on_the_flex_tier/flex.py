import json
import sys

from openai import OpenAI

client = OpenAI(timeout=900)

for line in sys.stdin:
    case = json.loads(line)
    answer = client.responses.create(
        model="gpt-5-mini", service_tier="flex", input="Which laws does this case mention?\n" + case["text"]
    )
    print(json.dumps({"id": case["id"], "laws": answer.output_text}))
