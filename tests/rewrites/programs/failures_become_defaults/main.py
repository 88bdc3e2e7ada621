import json
import logging

from openai import OpenAI, OpenAIError

logging.basicConfig(level=logging.ERROR)
logger = logging.getLogger("labels")
client = OpenAI(max_retries=0)
UNKNOWN = {"label": "unknown", "score": -1}


def classify(text):
    try:
        completion = client.chat.completions.create(
            model="gpt-4o-mini",
            response_format={"type": "json_object"},
            messages=[{"role": "user", "content": f"Answer as JSON with label and score: {text}"}],
        )
        return json.loads(completion.choices[0].message.content)
    except (OpenAIError, json.JSONDecodeError):
        logger.exception("no answer about %r", text)
        return dict(UNKNOWN)


with open("rough.txt", encoding="utf-8") as source:
    rows = [{"text": line.rstrip("\n")} for line in source]
for row in rows:
    row.update(classify(row["text"]))
with open("rows.json", "w", encoding="utf-8") as target:
    json.dump(rows, target, indent=1)
