"""When two names mean the same model: dated snapshots, aliases, display names, and names with a vendor in front.

Providers document an undated name as an alias of one of its dated snapshots: `gpt-4o` of `gpt-4o-2024-08-06` and `gpt-4` of
`gpt-4-0613` (OpenAI), `claude-haiku-4-5` of `claude-haiku-4-5-20251001` and `claude-sonnet-4-0` of `claude-sonnet-4-20250514`
(Anthropic), `mistral-large-latest` of `mistral-large-2411` (Mistral), `gemini-2.0-flash` of `gemini-2.0-flash-001` (Google), and
`command-r` of `command-r-08-2024` (Cohere).
"""

from __future__ import annotations

import re
from functools import lru_cache

from surfacelint.system.records import record

_SNAPSHOT = re.compile(r"[-@](\d{4}-\d\d-\d\d|20\d{6}|\d\d-20\d\d|\d{4}|(?<=-preview-)\d\d-\d\d)$")
_GOOGLE_VERSION = re.compile(r"-(\d{3})$")
_BEDROCK = re.compile(r"(?:[a-z-]+\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\.(.+?)(?:-v\d+)?(?::\d+)?$")
_LATEST = "-latest"


@record(frozen=True, slots=True)
class ModelName:
    """The family of a model, such as `gpt-4o`, and its snapshot, such as `2024-08-06`. An alias has no snapshot."""

    family: str
    snapshot: str = ""

    def same(self, other: ModelName) -> bool:
        """Whether both names may mean the same model."""
        return self.family == other.family and (not self.snapshot or not other.snapshot or self.snapshot == other.snapshot)


@lru_cache(maxsize=4096)
def model_name(text: str) -> ModelName:
    """Return the name in a text as code or exports write it."""
    name = text.strip().lower()
    if name.startswith("ft:"):
        return ModelName(name)
    name = name.rpartition("/")[2]
    name = match[1] if (match := _BEDROCK.fullmatch(name)) else name
    if name.endswith(_LATEST):
        return ModelName(_family(name.removesuffix(_LATEST)))
    match = _SNAPSHOT.search(name) or (_GOOGLE_VERSION.search(name) if name.startswith("gemini-") else None)
    return ModelName(_family(name[: match.start()]), match[1].replace("-", "")) if match else ModelName(_family(name))


def _family(name: str) -> str:
    """Return the family for a name without its snapshot. Anthropic orders words and version in several ways."""
    if not name.startswith("claude"):
        return name
    parts = re.split(r"[\s.-]+", name.partition("(")[0].strip())
    version = [part for part in parts if part.isdecimal()]
    if version[1:] == ["0"]:
        del version[1]
    return "-".join([*sorted(part for part in parts if not part.isdecimal()), *version])
