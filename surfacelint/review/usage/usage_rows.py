"""One row of a usage export: what was used of a model in a period."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from surfacelint.catalogue.provider_rows import Kind
from surfacelint.system.records import record

UsageSurface: TypeAlias = Literal["realtime", "batch", "flex", "unknown"]

_GENERATION: frozenset[Kind] = frozenset({"chat", "responses", "completion", "agent-run", "session", "ocr", "classify"})

ENDPOINTS: dict[str, frozenset[Kind]] = {
    "audio": frozenset({"audio"}),
    "chat": _GENERATION - {"completion"},
    "completions": _GENERATION,
    "decisions": frozenset({"decision"}),
    "embeddings": frozenset({"embedding"}),
    "images": frozenset({"image"}),
    "messages": _GENERATION,
    "moderations": frozenset({"moderation"}),
    "ocr": frozenset({"ocr"}),
    "rerank": frozenset({"rerank"}),
    "responses": frozenset({"responses", "agent-run"}),
    "text_completion": frozenset({"completion"}),
    "video": frozenset({"video"}),
}
"""Endpoints as exports tell them apart, and the kinds of requests that each covers.

OpenAI's usage API counts chat, responses, completions and assistants as `completions`. OpenTelemetry calls all of them but
completions `chat`. An endpoint that is not listed here, such as `web_search`, receives no requests from code.
"""


class UsageError(Exception):
    """A usage export cannot be used. The text is complete: file, line, column, what is wrong, and what to do."""


@record(frozen=True, slots=True)
class Caller:
    """The code that sent a request, as its span names it. Empty texts are unknown."""

    service: str = ""
    path: str = ""
    function: str = ""


@record(frozen=True, slots=True)
class UsageRow:
    """What a row of an export states. `None` is what it does not state.

    - `line`: the line of the file on which the row begins, from 1.
    - `identity`: the texts that tell the row from others, such as its id, or its period, model and key.
    - `start`, `end`: the period, with a time zone. The end is exclusive.
    - `provider`: as the export spells it. `None` if it does not name providers.
    - `model`: empty if the row is not about one model. `endpoint`: one of `ENDPOINTS`, something else that costs money, or
      `None` if unknown.
    - `gateway`: the gateway that logged the row. Code may ask the gateway under another provider's name.
    - `input_tokens` include `cached_tokens`.
    - `cost` is in `currency`, an upper-case ISO code.
    - `seconds`: how long its only request took.

    A row without any measure only states that the export covers its period.
    """

    line: int
    identity: tuple[str, ...]
    start: datetime
    end: datetime
    provider: str | None = None
    model: str = ""
    endpoint: str | None = None
    surface: UsageSurface = "unknown"
    gateway: str = ""
    caller: Caller | None = None
    requests: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    currency: str = "USD"
    seconds: float | None = None


def surface_of_tier(tier: str) -> UsageSurface:
    """Return the surface that a service tier of OpenAI or Anthropic means. Raises nothing: unknown tiers are `unknown`.

    The tiers are those of `service_tier` in the openai SDK 3.57.0 and of `BetaAnalyticsServiceTier` in the anthropic SDK
    2.14.0.
    """
    return _TIERS.get(tier.lower(), "unknown")


_TIERS: dict[str, UsageSurface] = {
    "auto": "realtime",
    "batch": "batch",
    "default": "realtime",
    "flex": "flex",
    "flex_discount": "flex",
    "on_demand": "realtime",
    "priority": "realtime",
    "priority_on_demand": "realtime",
    "scale": "realtime",
    "standard": "realtime",
}
