from openai import OpenAI

client = OpenAI()


class State:
    turn = 0


state = State()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    prompt = f"Turn {state.turn}: rate from 1 to 5: {line}"
    state.turn += int(client.responses.create(model="gpt-5-mini", input=prompt).output_text)
print(state.turn)
