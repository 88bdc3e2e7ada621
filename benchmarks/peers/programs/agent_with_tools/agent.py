import json
import subprocess

from openai import OpenAI

client = OpenAI()
TOOLS = [{"type": "function", "function": {"name": "shell", "parameters": {"type": "object", "properties": {"command": {"type": "string"}}}}}]


def run(goal: str) -> str:
    messages = [{"role": "user", "content": goal}]
    while True:
        reply = client.chat.completions.create(model="gpt-5", messages=messages, tools=TOOLS).choices[0].message
        messages.append(reply)
        if not reply.tool_calls:
            return reply.content
        for call in reply.tool_calls:
            command = json.loads(call.function.arguments)["command"]
            output = subprocess.run(command, shell=True, capture_output=True, text=True).stdout
            messages.append({"role": "tool", "tool_call_id": call.id, "content": output})
