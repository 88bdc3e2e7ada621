"""A rule for Fixit, as a user would write it: reports requests to an LLM in loops and comprehensions."""

import libcst as cst
import libcst.matchers as m
from fixit import LintRule

PATHS = (
    ("chat", "completions", "create"),
    ("responses", "create"),
    ("embeddings", "create"),
    ("messages", "create"),
    ("models", "generate_content"),
    ("chat", "complete"),
)


def _path(*names: str) -> m.Call:
    found: m.Attribute | m.DoNotCareSentinel = m.DoNotCare()
    for name in names:
        found = m.Attribute(value=found, attr=m.Name(name))
    return m.Call(func=found)


REQUEST = m.OneOf(*(_path(*names) for names in PATHS), m.Call(func=m.Name("completion")))


class RequestInLoop(LintRule):
    MESSAGE = "one request to an LLM per item"

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def visit_For(self, node: cst.For) -> None:
        self.depth += 1

    def leave_For(self, original_node: cst.For) -> None:
        self.depth -= 1

    def visit_ListComp(self, node: cst.ListComp) -> None:
        self.depth += 1

    def leave_ListComp(self, original_node: cst.ListComp) -> None:
        self.depth -= 1

    def visit_GeneratorExp(self, node: cst.GeneratorExp) -> None:
        self.depth += 1

    def leave_GeneratorExp(self, original_node: cst.GeneratorExp) -> None:
        self.depth -= 1

    def visit_Call(self, node: cst.Call) -> None:
        if self.depth and m.matches(node, REQUEST):
            self.report(node)
