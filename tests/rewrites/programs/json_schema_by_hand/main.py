import json

from openai import OpenAI

client = OpenAI()
SCHEMA = {
    "type": "object",
    "properties": {"label": {"type": "string", "enum": ["praise", "complaint"]}, "urgent": {"type": "boolean"}},
    "required": ["label", "urgent"],
    "additionalProperties": False,
}
found = {}
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.responses.create(
        model="gpt-5-mini",
        input=line,
        text={"format": {"type": "json_schema", "name": "verdict", "schema": SCHEMA, "strict": True}},
    )
    found[line] = json.loads(response.output_text)
print(json.dumps(found, indent=1))
