"""Paths of the catalogue, walked through SDKs that are installed.

Clients are made with keys that open nothing, and no request is sent. What a method gives is known by its annotation; what cannot be
walked to without a request is unknown, which is neither right nor wrong.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType
from typing import Any

from surfacelint.catalogue.provider_rows import Endpoint, Provider
from surfacelint.catalogue.value_rows import Alias

KEYS = (
    "AI21_API_KEY", "ANTHROPIC_API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "CEREBRAS_API_KEY", "COHERE_API_KEY", "CO_API_KEY",
    "DASHSCOPE_API_KEY", "FIREWORKS_API_KEY", "GEMINI_API_KEY", "GROQ_API_KEY", "MISTRAL_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY",
    "PERPLEXITY_API_KEY", "PORTKEY_API_KEY", "REPLICATE_API_TOKEN", "TOGETHER_API_KEY", "VOYAGE_API_KEY", "WRITER_API_KEY", "XAI_API_KEY",
    "ZAI_API_KEY", "AZURE_OPENAI_API_KEY",
)  # fmt: skip
"""What clients look for in the environment."""

PLACES = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1", "CLOUD_ML_REGION": "us-east5", "OPENAI_API_VERSION": "2025-01-01"}
"""Where clients are told to go."""

_OPTIONS: tuple[Mapping[str, Any], ...] = (
    {},
    {"api_key": "k"},
    {"api_key": "k", "azure_endpoint": "https://localhost"},
    {"api_key": "k", "base_url": "https://localhost"},
    {"api_key": "k", "resource": "r"},
    {"project_id": "p", "region": "us-east5"},
    {"endpoint": "https://localhost", "credential": None},
)

_SEGMENT = re.compile(r"\.?[^.()\[\]]+|\([^)]*\)|\[[^\]]*\]")


class MissingError(Exception):
    """The SDK has no such thing."""


class UnknownError(Exception):
    """Nothing tells whether the SDK has it."""


@dataclass(frozen=True, slots=True)
class Made:
    """An object of a class that was not made."""

    kind: type


def stated(provider: Provider) -> dict[str, list[str]]:
    """Return the versions of packages that the rows of a provider were read from, by the package's name."""
    found: dict[str, list[str]] = {}
    name = ""
    for part in provider.as_of.split(", ") if provider.as_of else ():
        words = part.split()
        name = words[0] if len(words) == 2 else name
        found.setdefault(metadata_name(name), []).append(words[-1])
    return found


def metadata_name(name: str) -> str:
    """Return the name of a package as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(provider: Provider) -> list[str]:
    """Return the packages of a provider's rows that are installed at the newest version that is stated, or later in its major version."""
    found = []
    for name, (newest, *_) in stated(provider).items():
        with contextlib.suppress(metadata.PackageNotFoundError):
            have = _numbers(metadata.version(name))
            if have[:1] == _numbers(newest)[:1] and have >= _numbers(newest):
                found.append(name)
    return found


def applies(endpoint: Endpoint) -> bool:
    """Whether a row is about the version that is installed: those that an SDK gave up are not."""
    if not endpoint.until:
        return True
    name, _, last = endpoint.until.partition(" ")
    with contextlib.suppress(metadata.PackageNotFoundError):
        have, wanted = _numbers(metadata.version(name)), _numbers(last)
        return have[: len(wanted)] <= wanted
    return False


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def roots(provider: Provider, packages: list[str]) -> set[str]:
    """Return the top-level modules that `packages` install, which the rows of a provider begin with."""
    tops = {endpoint.path.partition(".")[0] for endpoint in provider.endpoints}
    known = metadata.packages_distributions()
    return {top for top in tops if any(metadata_name(name) in packages for name in known.get(top, ()))}


def outcomes(provider: Provider, rows: Iterable[Endpoint], types: Iterable[Alias]) -> dict[str, str]:
    """Return by what follows the client whether it is `there`, `missing` or `unknown`.

    There is enough if one of the clients has it, under one of the spellings that `types` give.
    """
    spellings = [(alias.of, path) for alias in types for path in alias.paths]
    found: dict[str, set[str]] = {}
    for row in rows:
        client = next((each for each in provider.clients if row.path.startswith(_instance(each.path))), None)
        tail = row.path if client is None else row.path[len(_instance(client.path)) :]
        known = found.setdefault(tail, set())
        for path in _spelled(row.path, spellings) if "there" not in known else ():
            known.add(_outcome(path))
            if "there" in known:
                break
    return {tail: next(word for word in ("there", "unknown", "missing") if word in seen) for tail, seen in found.items()}


def _spelled(path: str, spellings: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a path under its own and under other spellings."""
    yield path
    for of, other in spellings:
        same_package = other.partition(".")[0] == path.partition(".")[0]
        if same_package and path.startswith(of) and path[len(of) : len(of) + 1] in ("", ".", "("):
            yield other + path[len(of) :]


def _instance(path: str) -> str:
    return path if path.endswith((")", "]")) else f"{path}()"


def _outcome(path: str) -> str:
    try:
        walk(path)
    except MissingError:
        return "missing"
    except UnknownError:
        return "unknown"
    return "there"


def walk(path: str) -> None:
    """Walk a path to its end. Raises MissingError where it breaks, UnknownError where nobody can tell."""
    segments = _SEGMENT.findall(path)
    value: Any = _module(segments[0])
    for segment in segments[1:]:
        if segment.startswith("."):
            value = _attribute(value, segment[1:])
        elif segment == "()":
            value = _called(value)
        elif segment.startswith("('"):
            value = value(segment[2:-2])
        else:
            raise UnknownError(path)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise UnknownError(name) from error


def _attribute(value: Any, name: str) -> Any:
    if isinstance(value, Made):
        return _declared(value.kind, name)
    try:
        return getattr(value, name)
    except AttributeError:
        if isinstance(value, ModuleType):
            with contextlib.suppress(ImportError):
                return importlib.import_module(f"{value.__name__}.{name}")
            if getattr(value, "__file__", None) is None:  # shared by several packages, of which one may not be installed
                raise UnknownError(name) from None
        raise MissingError(name) from None
    except Exception as error:
        raise UnknownError(name) from error


def _declared(kind: type, name: str) -> Any:
    """Return an attribute of an object of a class, by what the class says of it."""
    found = inspect.getattr_static(kind, name, None)
    getter = getattr(found, "fget", None) or getattr(found, "func", None)
    if getter is not None:
        return _given(getter)
    if found is not None:
        return found.__func__ if isinstance(found, classmethod | staticmethod) else found
    with contextlib.suppress(Exception):
        hint = typing.get_type_hints(kind).get(name)
        if isinstance(hint, type):
            return Made(hint)
    if hasattr(kind, "__getattr__") or f"self.{name}" in "".join(_sources(kind)):
        raise UnknownError(name)
    raise MissingError(name)


def _sources(kind: type) -> Iterator[str]:
    for each in kind.__mro__[:-1]:
        with contextlib.suppress(OSError, TypeError):
            yield inspect.getsource(each)


def _called(value: Any) -> Any:
    if not isinstance(value, type):
        return _given(value)
    for options in _OPTIONS:
        with contextlib.suppress(Exception):
            return value(**options)
    return Made(value)


def _given(function: Any) -> Any:
    """Return what a function gives, by its annotation."""
    try:
        hint = typing.get_type_hints(function).get("return")
    except Exception as error:
        raise UnknownError(str(function)) from error
    for part in (hint, *typing.get_args(hint)):
        origin = typing.get_origin(part) or part
        if isinstance(origin, type) and origin is not type(None) and origin.__module__ not in ("builtins", "typing", "collections.abc"):
            return Made(origin)
    raise UnknownError(str(function))
