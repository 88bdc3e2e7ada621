"""SRF503: joins the results of a batch to their inputs by the key of each request, instead of by position.

Only where the same file shows how requests get their keys: from the position of an item, or from the item. Unsafe: the file may submit
other batches elsewhere, and a result that is missing now raises a `KeyError`, where all later results moved up before.
"""

from __future__ import annotations

import libcst as cst

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.drafts import Draft, hoist_place
from surfacelint.codemods.import_edits import ImportEdits
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.model.findings import Applicability, Edit, Finding, Fix
from surfacelint.model.workloads import Workload
from surfacelint.visitors.batch_result_visitor import statement_at
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.request_key_visitor import RequestKey, position_of, request_keys, uses_of
from surfacelint.visitors.side_effects import below, roots_read


def join_by_key(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix of a join by position. Refuses if the file does not show the keys, or the results no longer have them."""
    document, api = documents.at(workload.site.path), workload.provider.batch
    if document is None or api is None:
        return Refusal(f"`{workload.site.path}` cannot be read")
    keys = request_keys(document.tree(MODULE_BODY), api.key)
    if len(keys) != 1:
        how = "several ways" if keys else "no way that this file shows"
        return Refusal(f"requests get their `{api.key}` from `{workload.about}` in {how}")
    return _Join(document, workload, api, keys[0]).fix()


class _Join:
    """The rewriting of one join."""

    def __init__(self, document: Document, workload: Workload, api: BatchApi, key: RequestKey) -> None:
        self._document, self._workload, self._api, self._key = document, workload, api, key
        self._tree = document.tree(workload.function)
        self._draft = Draft(document, self._tree)
        taken = self._tree.once(mentioned_names)
        self._by_key = fresh_name("by_id", taken)
        self._number = key.variable if key.variable not in taken else fresh_name("number", taken)
        self._more: tuple[Edit, ...] = ()

    def fix(self) -> Fix | Refusal:
        """Return the fix."""
        span = self._document.span(self._workload.site)
        call = self._tree.call_at(span)
        if call is not None and self._tree.code(call.func) == "zip" and len(call.args) >= 2:
            problem = self._zipped(call)
        else:
            statement = statement_at(self._tree, span)
            problem = Refusal("the join is not found") if statement is None else self._indexed(statement)
        if problem is not None:
            return problem
        return Fix(f"Join the results by `{self._api.key}`", (*self._draft.edits(), *self._more), Applicability.UNSAFE)

    def _zipped(self, call: cst.Call) -> Refusal | None:
        """Rewrite `zip(inputs, results)`."""
        about = "".join(self._workload.about.split())
        plain = [each for each in call.args if each.keyword is None]
        inputs = next((each for each in plain if "".join(self._tree.code(each.value).split()) == about), None)
        others = [each for each in plain if each is not inputs]
        if inputs is None or len(others) != 1 or any(each.star for each in plain):
            return Refusal("`zip` joins more than the inputs and the results")
        variable, uses = self._loop_variable(call, plain.index(others[0]))
        kind = uses_of(uses, variable, self._tree) if variable else ""
        prepared = self._prepare(others[0].value, kind, call)
        if isinstance(prepared, Refusal):
            return prepared
        walked = self._draft.source(inputs.value)
        if not prepared:
            self._draft.replace(others[0].value, self._in_order(walked))
            return None
        found = self._key_code(self._number)
        item = fresh_name("item", self._tree.once(mentioned_names)) if self._key.is_position else self._key.variable
        target = f"{self._number}, {item} in enumerate({self._from_first(walked)})" if self._key.is_position else f"{item} in {walked}"
        pair = f"({item}, {self._by_key}[{found}])" if plain[0] is inputs else f"({self._by_key}[{found}], {item})"
        self._draft.replace(call, f"[{pair} for {target} if {found} in {self._by_key}]")
        return None

    def _from_first(self, walked: str) -> str:
        return f"{walked}, {self._key.first}" if self._key.first else walked

    def _indexed(self, statement: cst.BaseStatement) -> Refusal | None:
        """Rewrite a loop whose variable is an index of both the inputs and the results."""
        for outer in self._tree.ancestors(statement):
            match outer:
                case cst.For(target=cst.Tuple(elements=[number, result]), iter=cst.Call(func=cst.Name(value="enumerate"), args=[only])) if (
                    isinstance(number.value, cst.Name) and isinstance(result.value, cst.Name)
                ):
                    return self._enumerated(outer, number.value.value, result.value.value, only.value)
                case cst.For(target=cst.Name(value=index), iter=cst.Call(func=cst.Name(value="range"))):
                    return self._ranged(outer, index)
                case cst.FunctionDef():
                    break
                case _:
                    pass
        return Refusal(f"the results are joined to `{self._workload.about}` without a loop over both")

    def _enumerated(self, loop: cst.For, number: str, result: str, results: cst.BaseExpression) -> Refusal | None:
        """Rewrite `for number, entry in enumerate(results)`."""
        kind = uses_of([loop.body], result, self._tree)
        key = self._key_of(result, kind)
        position = position_of(self._key, key) if self._key.is_position and key else None
        if position is None:
            return Refusal(f"`{self._key.code}` does not lead back to the position of an input")
        if isinstance(results, cst.Await):
            return Refusal("the results arrive asynchronously")
        self._draft.replace(loop.iter, f"sorted(({position}, {result}) for {result} in {self._draft.source(results)})")
        self._import_json(kind, loop)
        return None

    def _ranged(self, loop: cst.For, index: str) -> Refusal | None:
        """Rewrite `for i in range(len(inputs))`, whose body reads `results[i]`."""
        reads = [
            node
            for node in below(loop.body)
            if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name) and self._tree.code(node.slice[0]).strip() == index
        ]
        results = [each for each in reads if "".join(self._tree.code(each.value).split()) != self._workload.about]
        names = {self._tree.code(each.value) for each in results}
        if len(names) != 1 or not self._key.is_position:
            return Refusal(f"`{index}` is an index of {len(names) + 1} collections")
        kind = self._kind_of_reads(results)
        prepared = self._prepare(results[0].value, kind, loop)
        if isinstance(prepared, Refusal):
            return prepared
        position = f"{index} + {self._key.first}" if self._key.first else index
        if self._key.first and "{" in self._key.code:
            return Refusal(f"`{self._key.code}` counts from {self._key.first}")
        for each in results:
            self._draft.replace(each, f"{self._by_key}[{self._key_code(position)}]")
        return None

    def _kind_of_reads(self, reads: list[cst.Subscript]) -> str:
        parents = [self._tree.parent(each) for each in reads]
        if all(isinstance(each, cst.Attribute) for each in parents):
            return "attribute"
        return "key" if all(isinstance(each, cst.Subscript) for each in parents) else ""

    def _prepare(self, results: cst.BaseExpression, kind: str, near: cst.CSTNode) -> Refusal | bool:
        """Add the dict of the results by key before the statement. Returns whether failed results are left out of it."""
        place = near if isinstance(near, cst.For) else hoist_place(self._tree, near)
        # A comprehension keeps its variable to itself, so only what it reads can be in the way.
        name = fresh_name({"key": "row", "text": "line"}.get(kind, "entry"), frozenset(roots_read([results])))
        key = self._key_of(name, kind)
        if not key:
            return Refusal(f"`{self._draft.source(results)}` holds something else than results with their `{self._api.key}`")
        if place is None:
            return Refusal("the join is part of an expression that may run several times, late or not at all")
        self._draft.before(place, [f"{self._by_key} = {{{key}: {name} for {name} in {self._draft.source(results)}}}"])
        self._import_json(kind, place)
        return self._is_filtered(results)

    def _is_filtered(self, results: cst.BaseExpression) -> bool:
        """Whether the code leaves some results out, so that their inputs are to be left out, too."""
        values = [results]
        if isinstance(results, cst.Name):
            values = [each.value for each in self._tree.nodes(cst.Assign) if self._tree.code(each.targets[0].target) == results.value]
        return any(isinstance(each, cst.BaseComp) and bool(each.for_in.ifs) for each in values)

    def _import_json(self, kind: str, near: cst.CSTNode) -> None:
        if kind == "text":
            imports = ImportEdits(self._document, self._tree.span(near).start)
            imports.name("json")
            self._more = imports.edits()

    def _key_of(self, result: str, kind: str) -> str:
        """Return the code that reads the key of a result."""
        name = self._api.key
        return {"attribute": f"{result}.{name}", "key": f'{result}["{name}"]', "text": f'json.loads({result})["{name}"]'}.get(kind, "")

    def _key_code(self, variable: str) -> str:
        """Return the key of the request for a position or item in a variable."""
        node = self._key.node
        for name in [each for each in below(node) if isinstance(each, cst.Name) and each.value == self._key.variable]:
            replaced = node.deep_replace(name, cst.parse_expression(variable))
            assert isinstance(replaced, cst.BaseExpression)
            node = replaced
        return self._tree.code(node)

    def _in_order(self, inputs: str) -> str:
        """Return the results in the order of the inputs."""
        if not self._key.is_position:
            return f"[{self._by_key}[{self._key.code}] for {self._key.variable} in {inputs}]"
        first = self._key.first
        numbers = f"range({first}, len({inputs}) + {first})" if first else f"range(len({inputs}))"
        return f"[{self._by_key}[{self._key_code(self._number)}] for {self._number} in {numbers}]"

    def _loop_variable(self, call: cst.Call, position: int) -> tuple[str, list[cst.CSTNode]]:
        """Return the variable that a loop over `zip(…)` gives to a result, and the code that may read it."""
        for outer in self._tree.ancestors(call):
            target, nodes = None, list[cst.CSTNode]()
            if isinstance(outer, cst.For) and outer.iter is call:
                target, nodes = outer.target, [outer.body]
            elif isinstance(outer, cst.CompFor) and outer.iter is call:
                target, whole = outer.target, self._tree.parent(outer)
                nodes = [each for each in (whole.children if whole is not None else ()) if each is not outer] + list(outer.ifs)
            if isinstance(target, cst.Tuple) and position < len(target.elements):
                name = target.elements[position].value
                return (name.value, nodes) if isinstance(name, cst.Name) else ("", [])
        return "", []
