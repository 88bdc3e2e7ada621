"""Answers of the imitated providers: each depends on nothing but the body of its request.

The realtime and the batch side of the server both answer from here, so a program that sends the same bodies gets the same answers on either
surface. A difference in any parameter (a temperature that got lost, a header that slipped into the body) changes the answer.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]

CREATED = 1_790_000_000
FAILING = ("FAIL_ITEM", "EXPIRE_ITEM", "DROP_ITEM", "FAIL_JOB", "EXPIRE_JOB")
BUSY = "BUSY_ITEM"
LABELS = ("positive", "negative", "neutral", "mixed")
NEUTRAL_KEYS = ("encoding_format", "stream", "stream_options")  # spelled by the SDKs on their own, or without influence on the answer
VECTOR = 8


class Reply(NamedTuple):
    """A status and what the body of the response holds."""

    status: int
    payload: Json


def marked(body: Json, *markers: str) -> bool:
    """Whether one of the markers occurs anywhere in the body."""
    text = json.dumps(body)
    return any(marker in text for marker in markers)


def digest(body: Json) -> str:
    """A fingerprint of all that the answer may depend on."""
    kept = {key: value for key, value in body.items() if key not in NEUTRAL_KEYS and value not in (None, {})}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def texts(value: object) -> Iterator[str]:
    """All texts that the prompt holds, in their order, without roles and types."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, dict):
        for key in ("content", "text", "parts", "input", "contents", "messages"):
            if key in value:
                yield from texts(value[key])


def prompt(body: Json) -> str:
    """The last text that the user sends."""
    found = list(texts({key: body[key] for key in ("messages", "input", "contents", "prompt") if key in body}))
    return found[-1] if found else str(body.get("prompt", ""))


def instance(schema: Json, seed: str, root: Json | None = None) -> object:
    """A value that fits a JSON schema, chosen by the seed."""
    root = schema if root is None else root
    if "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return instance(target, seed, root)
    if "enum" in schema:
        return schema["enum"][int(seed[:4], 16) % len(schema["enum"])]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return instance(schema["anyOf"][0], seed, root)
    kind = str(schema.get("type", "object")).lower()
    if kind == "object":
        return {name: instance(part, _reseed(seed, name), root) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [instance(schema["items"], _reseed(seed, str(n)), root) for n in range(2)]
    number = int(seed[:6], 16)
    plain: dict[str, object] = {"integer": number % 10, "number": number % 1000 / 8, "boolean": number % 2 == 0, "null": None}
    return plain.get(kind, f"text {seed[:6]}")


def _reseed(seed: str, name: str) -> str:
    return hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()


def sentence(body: Json) -> str:
    """Free text. It keeps to the form that the prompt asks for: yes or no, a number, a label, JSON, or the last words of the prompt."""
    seed = digest(body)
    number = int(seed[:8], 16)
    asked = " ".join(texts(body)) + " " + " ".join(texts(body.get("system", ""))) + str(body.get("instructions", ""))
    lowered = asked.lower()
    if "yes or no" in lowered:
        return "yes" if number % 2 else "no"
    if scale := re.search(r"from (\d+) to (\d+)", lowered):
        low, high = int(scale[1]), int(scale[2])
        return str(low + number % (high - low + 1))
    if choice := re.search(r"one of: ([\w, -]+)", lowered):
        words = [word.strip() for word in choice[1].split(",")]
        return words[number % len(words)]
    if "json" in lowered:
        return json.dumps({"label": LABELS[number % len(LABELS)], "score": number % 10})
    return f"{' '.join(prompt(body).split()[-4:])} [{seed[:6]}]"


def failure(status: int, message: str, code: str) -> Json:
    """An error as OpenAI and those who imitate it spell it."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def refusal(body: Json) -> tuple[int, str, str] | None:
    """Status, message and code, where a marker in the body makes the request fail, else None."""
    if marked(body, *FAILING):
        return 400, f"The request was refused ({digest(body)[:6]}).", "request_refused"
    return None


def vector(text: str) -> list[float]:
    """Numbers that a float of four bytes holds exactly."""
    raw = hashlib.sha256(text.encode()).digest()
    return [(byte - 128) / 256 for byte in raw[:VECTOR]]


def _usage(body: Json, output: str) -> tuple[int, int]:
    return len(json.dumps(body).split()), len(output.split())


def _forced_tool(body: Json) -> Json | None:
    tools = [tool for tool in body.get("tools") or [] if isinstance(tool, dict)]
    return tools[0] if tools and body.get("tool_choice") not in (None, "none", "auto") else None


def chat(body: Json) -> Json:
    """A chat completion of OpenAI, Azure, Groq, Together and Mistral."""
    seed = digest(body)
    wanted = body.get("response_format") or {}
    message: Json = {"role": "assistant", "content": sentence(body), "refusal": None}
    reason = "stop"
    if wanted.get("type") == "json_schema":
        message["content"] = json.dumps(instance(wanted["json_schema"]["schema"], seed))
    elif wanted.get("type") == "json_object":
        message["content"] = json.dumps({"label": LABELS[int(seed[:4], 16) % len(LABELS)], "score": int(seed[:4], 16) % 10})
    elif tool := _forced_tool(body):
        arguments = json.dumps(instance(tool["function"]["parameters"], seed))
        call = {"id": f"call_{seed[:8]}", "type": "function", "function": {"name": tool["function"]["name"], "arguments": arguments}}
        message |= {"content": None, "tool_calls": [call]}
        reason = "tool_calls"
    read, written = _usage(body, str(message["content"]))
    choices = [{"index": n, "message": message, "finish_reason": reason, "logprobs": None} for n in range(body.get("n") or 1)]
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return {
        "id": f"chatcmpl-{seed[:12]}",
        "object": "chat.completion",
        "created": CREATED,
        "model": body["model"],
        "choices": choices,
        "usage": usage,
    }


def responses(body: Json) -> Json:
    """A response of OpenAI. Those of reasoning models begin with an item that is no message."""
    seed = digest(body)
    wanted = (body.get("text") or {}).get("format") or {}
    text = json.dumps(instance(wanted["schema"], seed)) if wanted.get("type") == "json_schema" else sentence(body)
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
    output: list[Json] = [{"id": f"msg_{seed[:8]}", "type": "message", "role": "assistant", "status": "completed", "content": content}]
    if str(body["model"]).startswith(("gpt-5", "o")):
        output.insert(0, {"id": f"rs_{seed[:8]}", "type": "reasoning", "summary": []})
    read, written = _usage(body, text)
    usage = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
    usage_details = {
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    settled = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None, "incomplete_details": None, "metadata": {}}
    named = {"id": f"resp_{seed[:12]}", "object": "response", "created_at": CREATED, "status": "completed", "model": body["model"]}
    return {**named, **settled, "output": output, "usage": {**usage, **usage_details}, "instructions": body.get("instructions")}


def embeddings(body: Json) -> Json:
    """Vectors of one text or several, as numbers or as base64."""
    given = body["input"]
    inputs = given if isinstance(given, list) else [given]
    data: list[Json] = []
    for index, text in enumerate(inputs):
        numbers = vector(f"{body['model']}/{body.get('dimensions')}/{text}")
        packed = base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
        data.append({"object": "embedding", "index": index, "embedding": packed if body.get("encoding_format") == "base64" else numbers})
    tokens = sum(len(str(text).split()) for text in inputs)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens, "completion_tokens": 0}
    return {"id": f"embd-{digest(body)[:12]}", "object": "list", "model": body["model"], "data": data, "usage": usage}


def moderations(body: Json) -> Json:
    """One verdict for each text: flagged where the text says that it is bad."""
    given = body["input"]
    results: list[Json] = []
    for text in given if isinstance(given, list) else [given]:
        seed = hashlib.sha256(str(text).encode()).hexdigest()
        flagged = "bad" in str(text)
        results.append(
            {
                "flagged": flagged,
                "categories": {"violence": flagged},
                "category_scores": {"violence": int(seed[:2], 16) / 256},
                "category_applied_input_types": {},
            }
        )
    return {"id": f"modr-{digest(body)[:12]}", "model": body.get("model", "omni-moderation-latest"), "results": results}


def messages(body: Json) -> Json:
    """A message of Anthropic."""
    seed = digest(body)
    wanted = (body.get("output_config") or {}).get("format") or {}
    text = json.dumps(instance(wanted["schema"], seed)) if wanted else sentence(body)
    content: list[Json] = [{"type": "text", "text": text}]
    reason = "end_turn"
    if tool := _forced_tool(body):
        content = [{"type": "tool_use", "id": f"toolu_{seed[:8]}", "name": tool["name"], "input": instance(tool["input_schema"], seed)}]
        reason = "tool_use"
    read, written = _usage(body, text)
    named = {"id": f"msg_{seed[:12]}", "type": "message", "role": "assistant", "model": body["model"]}
    return {
        **named,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": read, "output_tokens": written},
    }


def generate_content(body: Json) -> Json:
    """A response of Gemini. The model is part of the body here, although it is sent in the address."""
    settings = body.get("generationConfig") or {}
    schema = settings.get("responseJsonSchema") or settings.get("responseSchema")
    text = json.dumps(instance(schema, digest(body))) if schema else sentence(body)
    read, written = _usage(body, text)
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": "STOP", "index": 0}
    usage = {"promptTokenCount": read, "candidatesTokenCount": written, "totalTokenCount": read + written}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": body["model"], "responseId": digest(body)[:12]}


def embed_contents(body: Json) -> Json:
    """Vectors of Gemini."""
    return {"embeddings": [{"values": vector(" ".join(texts(one)))} for one in body["requests"]]}


ENDPOINTS: dict[str, Callable[[Json], Json]] = {
    "/chat/completions": chat,
    "/responses": responses,
    "/embeddings": embeddings,
    "/moderations": moderations,
    "/messages": messages,
    ":generateContent": generate_content,
    ":batchEmbedContents": embed_contents,
}


def endpoint_of(path: str) -> str | None:
    """The endpoint that an address names, whatever comes before it, or None."""
    return next((ending for ending in ENDPOINTS if path.endswith(ending)), None)


def answer(path: str, body: Json) -> Reply:
    """What the endpoint at `path` answers to the body.

    Fails with status 400 where a marker in the body asks for it, or where a parameter is missing.
    """
    if refused := refusal(body):
        return Reply(refused[0], failure(*refused))
    endpoint = endpoint_of(path)
    if endpoint is None:
        return Reply(404, failure(404, f"no such endpoint: {path}", "not_found"))
    try:
        return Reply(200, ENDPOINTS[endpoint](body))
    except (KeyError, TypeError) as error:
        return Reply(400, failure(400, f"the request misses or misuses {error}", "bad_request"))
