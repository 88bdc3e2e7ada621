import sys

import anthropic

client = anthropic.Anthropic(max_retries=0)
errors = []
for number, line in enumerate(open("rough.txt", encoding="utf-8")):
    try:
        message = client.messages.create(model="claude-haiku-4-5", max_tokens=100, messages=[{"role": "user", "content": line.strip()}])
    except anthropic.APIError:
        errors.append(number)
        continue
    print(number, message.content[0].text, message.stop_reason)
print("errors in", errors)
sys.exit(len(errors))
