"""What verdicts need to know about the call site under judgement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from surfacelint.catalogue.name_hints import ComparisonHints
from surfacelint.facts.expressions import Call, Expr
from surfacelint.judgement.flow.access_paths import AccessPaths
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Block, Surroundings
from surfacelint.judgement.flow.statement_definitions import CallWrites
from surfacelint.judgement.repetition.manual_iteration import Supply
from surfacelint.system.records import record

Role: TypeAlias = Literal["setting", "input", "both", "unknown"]
"""What a value is to a request: it only selects the model or sets a parameter, goes into the input, does both, or is not followed."""


@record(frozen=True, slots=True)
class CallSiteFacts:
    """Facts about the call site under judgement.

    - `carried_state`: returns the access paths of state that the site both reads and changes: a receiver's, a history that is passed in.
    - `request_paths`: returns the access paths that go into the request, given those that index the slot of an item.
    - `role`: what the item in an argument (position, keyword) is to the request. `mapped_role`: what an item that is mapped is to it.
    - `unsent`: the arguments that the callee neither sends nor stores, by identity.
    - `is_list`: whether an argument (position, keyword) is a list of inputs; `list_input`: whether the request takes a list.
    - `joins_items`: whether the way to the request joins a chunk, made from access paths in a block, to one prompt.
    - `reaches_request`, `reaches_input`: whether data made from access paths in a block reaches the request, or the input of the request.
    - `asks_person`: whether each round asks a person. `arrives_over_time`: whether the items arrive over time, as messages of a queue do.
    - `failure_words`: parts of names of variables that count failures.
    - `is_new`: whether each evaluation of an expression makes a new object.
    - `has_few_rounds`: whether a repetition is known to run so few times that each round may be a batch.
    - `few_items`: what the items of a small collection are, empty if there may be many.
    - `has_items`: whether a source that may never end holds many items that the program itself puts there.
    - `in_chunks`: whether each item is a part of many items. `is_text`: whether an expression is a string.
    - `draws_input`: whether the input of the request is drawn at random in each run.
    - `ignores_item`: whether the repeated callable ignores its argument.
    - `call_writes`: returns the writes of a call. `expand_properties`: replaces properties by the access paths that they read.
    - `sweep`: names of variables that hold models or their parameters, and words in such names.
    """

    around: Surroundings
    call: Call
    carried_state: Callable[[], frozenset[str]]
    request_paths: Callable[[AccessPaths], set[str]]
    list_input: bool
    joins_items: Callable[[AccessPaths, Block], bool]
    mapped_role: Callable[[], Role]
    unsent: Callable[[], frozenset[int]]
    role: Callable[[int, str | None, AccessPaths], Role]
    asks_person: Callable[[EnclosingRepetition], bool]
    failure_words: frozenset[str]
    is_new: Callable[[Expr], bool]
    has_few_rounds: Callable[[EnclosingRepetition], bool]
    few_items: Callable[[EnclosingRepetition], str]
    reaches_request: Callable[[AccessPaths, Block], bool]
    reaches_input: Callable[[AccessPaths, Block], bool]
    has_items: Callable[[Supply], bool]
    in_chunks: Callable[[EnclosingRepetition], bool]
    arrives_over_time: Callable[[EnclosingRepetition], bool]
    draws_input: Callable[[EnclosingRepetition], bool]
    ignores_item: bool
    is_text: Callable[[Expr], bool]
    is_list: Callable[[int, str | None], bool]
    sweep: ComparisonHints
    call_writes: CallWrites
    expand_properties: Callable[[set[str]], set[str]]
