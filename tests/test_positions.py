"""Positions of LibCST nodes are those that LibCST's own provider gives: pinned here, because they come from its inner parts."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from surfacelint.extraction.positions import Positions

ROOT = Path(__file__).parent.parent
SOURCES = {
    "empty": "",
    "no last line break": "a = f(x)",
    "strings over lines": 'a = """one\ntwo\n  é three"""; b = f(\n    a,\n    # why\n    *b,\n)\n',
    "blanks and comments": "\n\n# first\nif a :  # then\n\n    # in\n\tb ( )\nelse :\n  c\n  # out\n",
    "decorated": "@a.b(\n  1)\n@c\nasync def f(x: int = 1, *, y) -> None :\n    '''doc'''\n    return (yield (x)), [i async for i in y]\n",
    "operators": "x = (a\n     + b) * -c if not d else lambda e, /, *f: (e @ f)\nmatch x:\n    case [1, *y] | {'a': z}:\n        pass\n",
    "semicolons": "try: a; b ;\nexcept* E as e: pass\nfinally: del a, b\n",
}


@pytest.mark.parametrize(
    "text", [*SOURCES.values(), *(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("surfacelint/linking/*.py")))]
)
def test_every_node_stands_where_libcst_says(text: str) -> None:
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    expected = wrapper.resolve(PositionProvider)
    positions = Positions(wrapper.module, shift=3)
    for node, place in expected.items():
        if isinstance(node, cst.Module | cst.Newline | cst.TrailingWhitespace):
            continue  # at the end of a file they end before a line break that is not there, or after it: nobody asks
        start, end = positions.start(node), positions.end(node)
        assert (start.line - 3, start.column) == (place.start.line, place.start.column), node
        assert (end.line - 3, end.column) == (place.end.line, place.end.column), node
