"""The arguments of the tools. Their JSON schemas are what clients see. An unknown argument is an error, not ignored."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

MOST_PATHS = 100
MOST_FINDINGS = 200

Paths = Annotated[
    list[str],
    Field(
        min_length=1,
        max_length=MOST_PATHS,
        description="Files and folders of the project, relative to the folder of the server. The rest of the project is analysed, too.",
    ),
]
Select = Annotated[
    list[str],
    Field(description='Only these rules: codes, code prefixes or ALL, as in ["SRF101", "SRF3"]. Default: the rules of the project.'),
]
Limit = Annotated[int, Field(ge=1, le=MOST_FINDINGS, description="The most findings to return; `more` counts the others.")]


class Arguments(BaseModel, extra="forbid"):
    """The arguments of one tool."""


class CheckArguments(Arguments):
    """What to check."""

    paths: Paths = ["."]
    select: Select = []
    limit: Limit = 50


class ReviewArguments(Arguments):
    """What to review."""

    paths: Paths = ["."]
    limit: Annotated[int, Field(ge=1, le=MOST_FINDINGS, description="The most workloads to return; `more` counts the others.")] = 50


class ExplainArguments(Arguments):
    """The line to explain."""

    path: Annotated[str, Field(description="A Python file or notebook of the project, relative to the folder of the server.")]
    line: Annotated[int, Field(ge=1, description="The line, from 1. In a notebook, it counts from the start of each cell.")]
    cell: Annotated[int | None, Field(ge=1, description="The cell of a notebook, from 1. Default: every cell.")] = None


class RuleArguments(Arguments):
    """The rule to describe."""

    code: Annotated[str | None, Field(description="A rule code or name, such as SRF101. Default: list all rules.")] = None


class FixArguments(Arguments):
    """What to fix."""

    paths: Paths = ["."]
    select: Select = []
    unsafe: Annotated[
        bool, Field(description="Also fixes that change what the program does and need review, such as moving a loop to a batch.")
    ] = False
