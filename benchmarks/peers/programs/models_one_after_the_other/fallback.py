import litellm

MODELS = open("models.txt").read().split()


def ask(prompt: str) -> str:
    for model in MODELS:
        try:
            reply = litellm.completion(model=model, messages=[{"role": "user", "content": prompt}])
        except litellm.exceptions.APIError:
            continue
        return reply.choices[0].message.content
    raise RuntimeError("no model answers")
