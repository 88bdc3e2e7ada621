"""Writes the price list that the review ships: a dated extract of the package genai-prices, which must be installed.

    python scripts/write_prices.py [DATE]

For each provider of the catalogue with a price list, it keeps the models that are priced by token: how their names are matched, and
their prices at realtime, batch and flex on that date. Prices above a number of tokens, of cached tokens and of tools are left out.
"""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genai_prices import data, types

PLACE = Path(__file__).parents[1] / "surfacelint" / "review" / "prices.json"

NAMES = {
    **{name: name for name in ("anthropic", "cerebras", "cohere", "deepseek", "doubleword", "fireworks", "groq", "mistral")},
    **{name: name for name in ("openai", "openrouter", "perplexity", "together", "zai")},
    **dict.fromkeys(("openai-legacy", "langchain-openai", "llama-index-openai"), "openai"),
    **dict.fromkeys(("azure-openai", "azure-ai-inference", "anthropic-foundry", "langchain-azure", "llama-index-azure"), "azure"),
    **dict.fromkeys(("langchain-anthropic", "llama-index-anthropic"), "anthropic"),
    **dict.fromkeys(("bedrock", "anthropic-bedrock", "openai-bedrock", "langchain-aws", "llama-index-bedrock"), "aws"),
    **dict.fromkeys(("google-genai", "google-generativeai", "vertexai", "anthropic-vertex"), "google"),
    **dict.fromkeys(("langchain-google-genai", "langchain-google-vertexai", "llama-index-google"), "google"),
    **dict.fromkeys(("mistral-legacy", "langchain-mistralai", "llama-index-mistral"), "mistral"),
    **dict.fromkeys(("langchain-groq", "llama-index-groq"), "groq"),
    **dict.fromkeys(("langchain-together", "llama-index-together"), "together"),
    **dict.fromkeys(("voyage", "llama-index-voyage"), "voyageai"),
    **dict.fromkeys(("xai", "langchain-xai"), "x-ai"),
    "langchain-fireworks": "fireworks",
    "langchain-openrouter": "openrouter",
    "moonshot": "moonshotai",
}
"""Names of price lists, by name of a provider of the catalogue."""

PREFIXES = {
    **{
        name: name
        for name in ("anthropic", "azure", "cerebras", "cohere", "deepseek", "groq", "mistral", "openai", "openrouter", "perplexity")
    },
    "bedrock": "aws",
    "fireworks_ai": "fireworks",
    "gemini": "google",
    "moonshot": "moonshotai",
    "together_ai": "together",
    "vertex_ai": "google",
    "voyage": "voyageai",
    "xai": "x-ai",
}
"""Names of price lists, by what LiteLLM puts before the name of a model: `gemini/…`."""

CONTEXTS = {"realtime": {}, "batch": {"processing": "batch"}, "flex": {"service_tier": "flex"}}
"""What selects the prices of each surface."""


def main() -> None:
    """Write the price list."""
    day = datetime.date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else datetime.datetime.now(datetime.timezone.utc).date()
    at = datetime.datetime.combine(day, datetime.time(12), datetime.timezone.utc)
    wanted = sorted(set(NAMES.values()))
    providers = {each.id: each for each in data.providers if each.id in wanted}
    document = {
        "source": "genai-prices",
        "version": version("genai-prices"),
        "license": "MIT, https://github.com/pydantic/genai-prices",
        "date": day.isoformat(),
        "currency": "USD",
        "names": dict(sorted(NAMES.items())),
        "prefixes": {"litellm": dict(sorted(PREFIXES.items()))},
        "unprefixed": {"litellm": ["openai", "anthropic"]},
        "fallbacks": {id_: [each for each in providers[id_].fallback_model_providers or [] if each in wanted] for id_ in wanted},
        "models": {id_: list(_models(providers[id_], at)) for id_ in wanted},
    }
    lines = json.dumps(document, ensure_ascii=False, sort_keys=True).replace('{"match"', '\n{"match"')
    PLACE.write_text(lines + "\n", encoding="utf-8")


def _models(provider: types.Provider, at: datetime.datetime) -> Iterator[dict[str, Any]]:
    for model in provider.models:
        standard = _prices(model.get_prices(at))
        if standard is not None:
            found = {surface: _prices(model.get_prices(at, context)) for surface, context in CONTEXTS.items() if _has(model, context, at)}
            yield {"match": _match(model.match), "prices": {"realtime": standard, **found}}


def _has(model: types.ModelInfo, context: dict[str, str], at: datetime.datetime) -> bool:
    """Whether a model has its own prices for a context."""
    variants = [each for each in model.price_variants or () if each.constraint is None or each.constraint.active(at)]
    return bool(context) and any(each.when.items() <= context.items() for each in variants)


def _prices(found: types.ModelPrice) -> list[str] | None:
    """Return the prices of a million input and output tokens, `None` for a model that is not priced by token."""
    input_, output = (_base(getattr(found, name, None)) for name in ("input_mtok", "output_mtok"))
    return None if input_ is None else [f"{input_:f}", f"{output or Decimal(0):f}"]


def _base(price: Decimal | types.TieredPrices | None) -> Decimal | None:
    return price.base if isinstance(price, types.TieredPrices) else price


def _match(clause: Any) -> list[Any]:
    """Return a clause as a list: its kind, and a text or further clauses."""
    match clause:
        case types.ClauseOr(or_=parts):
            return ["or", *map(_match, parts)]
        case types.ClauseAnd(and_=parts):
            return ["and", *map(_match, parts)]
        case types.ClauseEquals(equals=text):
            return ["equals", text]
        case types.ClauseStartsWith(starts_with=text):
            return ["starts", text]
        case types.ClauseEndsWith(ends_with=text):
            return ["ends", text]
        case types.ClauseContains(contains=text):
            return ["contains", text]
        case types.ClauseRegex(regex=text):
            return ["regex", text]
        case _:
            raise TypeError(f"unknown clause: {clause}")


if __name__ == "__main__":
    main()
