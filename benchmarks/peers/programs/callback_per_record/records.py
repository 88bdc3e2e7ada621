import json
from collections.abc import Callable


def for_each(path: str, action: Callable[[dict], None]) -> None:
    with open(path) as lines:
        for line in lines:
            action(json.loads(line))
