"""Finds the endpoint behind the URL of a raw HTTP request."""

from __future__ import annotations

from collections.abc import Mapping

from surfacelint.catalogue.provider_rows import Endpoint, Provider

# Words in the path of a URL that indicate the kind of request, the more specific ones first.
_URL_WORDS = (
    (("embedding",), ("embedding", ":embedcontent", ":batchembed")),
    (("rerank",), ("rerank",)),
    (("moderation",), ("moderation",)),
    (("responses",), ("/responses",)),
    (("chat",), ("/chat", "messages", "generatecontent", "converse")),
    (
        ("chat", "completion", "responses"),
        ("chat", "completion", "messages", "generatecontent", "generate", "complete", "/deployments", "invoke", "converse"),
    ),
)


def posted_endpoint(providers: Mapping[str, Provider], name: str, path: str) -> Endpoint | None:
    """Return the endpoint behind a URL path at the provider called `name`, or `None` if it is unknown."""
    if name not in providers:
        return None
    return _behind(path.partition("?")[0].lower(), _candidates(providers, providers[name]))


def _candidates(providers: Mapping[str, Provider], provider: Provider) -> list[Endpoint]:
    """Return the endpoints of a provider that a URL may mean; for one used through another's SDK, those of that provider.

    A posted request contains all of its input, so stateful and streaming endpoints are no candidates.
    """
    shared = [other for other in providers.values() if other.imports[:1] == provider.imports[:1]]
    endpoints = next((each.endpoints for each in (provider, *shared) if each.endpoints), ())
    return [endpoint for endpoint in endpoints if endpoint.mode == "sync" and not endpoint.stateful and endpoint.stream != "always"]


def _behind(path: str, endpoints: list[Endpoint]) -> Endpoint | None:
    if "/threads" in path:
        return None  # A stored message. The call that asks the model keeps the conversation.
    if "batch" in path:
        return next((endpoint for endpoint in endpoints if endpoint.surface == "batch-submit"), None)
    realtime = [endpoint for endpoint in endpoints if endpoint.surface == "realtime"]
    for kinds, words in _URL_WORDS:
        found = next((endpoint for endpoint in realtime if endpoint.kind in kinds), None) if any(word in path for word in words) else None
        if found is not None:
            return found
    # Only the host is known. A request posted to a provider of models is a prompt.
    bare = path.strip("/{}") in ("", "v1", "v1beta", "openai")
    return next((endpoint for endpoint in realtime if endpoint.kind in ("chat", "responses")), None) if bare else None
