"""Rows about entry points: how frameworks call the user's code, and whether a user waits there."""

from __future__ import annotations

from typing import Literal, TypeAlias

from surfacelint.system.records import record

Match: TypeAlias = Literal[
    "decorator",
    "class-decorator",
    "base-class",
    "register",
    "keyword",
    "annotation",
    "default",
    "signature",
    "call",
    "body",
    "iterate",
    "script",
]
Waits: TypeAlias = Literal["yes", "no", "unknown"]
Medium: TypeAlias = Literal["http", "stream", "chat", "ui", "repl", "rpc", "voice", "tool", "poll", "none"]


@record(frozen=True, slots=True)
class Entry:
    """How a framework calls a function of the user's code, and whether a user waits for it.

    - `match`: how `paths` are matched. `call`: the body calls one of them. `body`: the body reads one of the keys in
      `keywords`. `script`: importing `root` makes the module a UI page. The others say where the path appears.
    - `argument`, `keywords`: the position and keywords of the handler, for `register` and `keyword`.
    - `packed`: the keywords at which the arguments of the handler are passed, as a tuple and as a dict, for `register` and `keyword`.
    - `methods`: patterns of handler methods, for `base-class`, `class-decorator` and `signature`; `*` means all public ones.
    - `parameters`: the names of the leading parameters, for `signature` and `body`.
    - `module`: a glob for the file name, for `signature`.
    - `root`: a package that the module must import, where the paths do not imply it.
    - `waits`, `medium`: whether a user waits, and by what channel.
    - `shares_loop`: no user waits, but the function runs on the event loop on which a server or bot serves its users.
    """

    name: str
    framework: str
    match: Match
    waits: Waits
    medium: Medium
    paths: tuple[str, ...] = ()
    root: str = ""
    argument: int | None = None
    keywords: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    module: str = ""
    packed: tuple[str, ...] = ()
    shares_loop: bool = False


@record(frozen=True, slots=True)
class UserInput:
    """A call that waits for a person's next message, by the channel `medium` (as for `Entry`)."""

    name: str
    paths: tuple[str, ...]
    medium: Medium
