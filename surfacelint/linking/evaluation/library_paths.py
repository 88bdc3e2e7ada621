"""What the catalogue knows about library values: clients, answers, and the hosts behind URLs."""

from __future__ import annotations

import re

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.path_segments import prefixes
from surfacelint.linking.evaluation.abstract_values import External, Values

URL_KEYWORDS = frozenset({"base_url", "api_base", "openai_api_base", "server_url", "endpoint_url", "api_host"})
"""Keyword arguments that point a client to another host."""

BODY_KEYWORDS = frozenset({"extra_body", "model_kwargs", "additional_kwargs"})
"""Keyword arguments that hold further parameters of a request in a dict."""

_WHOLE_HOST = re.compile(r"https?://[^/]*[^/.]\.[a-z]{2,}(?:[:/]|$)")
"""A URL with a complete host name: if the catalogue does not know the host, it is not a provider's."""


def paths_of(values: Values) -> list[str]:
    """Return the paths of the library values among `values`."""
    return [value.path for value in values if isinstance(value, External)]


def is_client(catalogue: Catalogue, value: External) -> bool:
    """Whether a value comes from a package of a provider."""
    return catalogue.knows(value.path.partition("(")[0])


def is_answer(catalogue: Catalogue, value: External) -> bool:
    """Whether a value is data: the answer to a request or an item of a collection. No request can be made with it."""
    if "[" in value.path:
        return True
    calls = [prefix.removesuffix("()") for prefix in prefixes(value.path) if prefix.endswith("()")]
    return any(catalogue.endpoints(call) for call in calls)


def host_of_url(catalogue: Catalogue, url: str) -> str:
    """Return the host of a URL: the name of a provider, `local`, `discounted`, `elsewhere`, or an empty string if unknown."""
    host = catalogue.host(url)
    if host is not None:
        return "local" if host.local else "discounted" if host.discounted else host.provider
    return "elsewhere" if _WHOLE_HOST.match(url) else ""
