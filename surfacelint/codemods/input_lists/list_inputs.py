"""SRF104: sends the inputs of a loop as lists, instead of one per request.

A loop is split: first it collects the inputs, then lists of them are sent, then the rest of the loop runs for each item, in the same order.
If a helper sends the request, a function for lists is added beside it. Unsafe: a bad input now fails its whole list, and effects of the
loop happen after all requests.
"""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from surfacelint.catalogue.provider_rows import Endpoint
from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.drafts import Draft
from surfacelint.codemods.import_edits import ImportEdits
from surfacelint.codemods.input_lists.list_calls import HelperCall, SlicedCall
from surfacelint.codemods.input_lists.list_expression import ListExpression, Repeated, with_helper
from surfacelint.codemods.input_lists.list_helper import ListHelper, function_node, list_helper
from surfacelint.codemods.input_lists.loop_split import Display, LoopSplit
from surfacelint.codemods.input_lists.split_calls import SplitCall
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.expressions import Span, dotted
from surfacelint.facts.module_outlines import LAMBDA, MODULE_BODY, FunctionOutline, title
from surfacelint.model.findings import Applicability, Edit, Finding, Fix
from surfacelint.model.workloads import RepeatedBy, RequestRoute, Workload
from surfacelint.visitors.fan_out_visitor import fan_out, is_consumed, worker
from surfacelint.visitors.item_loop_visitor import item_loop, obstacle
from surfacelint.visitors.list_request_visitor import list_request
from surfacelint.visitors.side_effects import may_not_run, paths_changed, roots_read, variables

_MESSAGE = "Send the inputs as lists"


def list_inputs(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix of a repeated request with one input. Refuses if the rest of a repetition must run between its requests."""
    document, repetition = documents.at(workload.site.path), workload.repetition
    function = None if document is None else document.function(workload.function)
    if document is None or function is None or repetition is None or not workload.routes:
        return Refusal(f"`{workload.call}` is not in a file that can be read")
    route = workload.routes[0]
    through = [name for name in map(title, route.functions[1:]) if not name.endswith(LAMBDA)]
    if len(through) > 1:
        return Refusal(f"{len(through)} functions are between the repetition and the request: {', '.join(f'`{name}`' for name in through)}")
    return _Rewrite(document, documents, workload, repetition, route, function).fix()


class _Rewrite:
    """The rewriting of one repetition."""

    def __init__(
        self,
        document: Document,
        documents: Documents,
        workload: Workload,
        repetition: RepeatedBy,
        route: RequestRoute,
        function: FunctionOutline,
    ) -> None:
        self._document, self._documents, self._workload, self._repetition = document, documents, workload, repetition
        self._route, self._function = route, function
        self._tree = document.tree(workload.function)
        self._draft = Draft(document, self._tree)
        self._more: list[Edit] = []
        self._scope: cst.CSTNode = function_node(self._tree, function) or self._tree.module

    def fix(self) -> Fix | Refusal:
        """Return the fix."""
        call = self._tree.call_at(self._document.span(self._workload.site))
        if call is None:
            return Refusal(f"`{self._workload.call}` is not found")
        problem = self._in_loop(call) if self._repetition.kind == "loop" else self._in_expression(call)
        if problem is not None:
            return problem
        return Fix(_MESSAGE, (*self._draft.edits(), *self._more), Applicability.UNSAFE)

    def _in_loop(self, call: cst.Call) -> Refusal | None:
        loop = next(
            (each for each in self._tree.ancestors(call) if isinstance(each, cst.For | cst.While | cst.BaseComp | cst.Lambda)), None
        )
        if not isinstance(loop, cst.For) or self._tree.span(loop).start != self._document.span(self._repetition.location).start:
            what = "a loop" if not isinstance(loop, cst.While) else f"`while {self._tree.code(loop.test)}`"
            return Refusal(f"{what} stands between the items and the request")
        found = item_loop(self._tree, loop, call)
        if isinstance(found, str):
            return Refusal(found)
        varying = {name for name in paths_changed([loop]) if name.isidentifier()}
        split = self._split_call(call, varying)
        if isinstance(split, Refusal):
            return split
        value = next(each for each in (self._tree.parent(call), call) if each is call or isinstance(each, cst.Await))
        reason = obstacle(self._tree, self._scope, found, split.item, value, self._document.tree(MODULE_BODY))
        if reason:
            return Refusal(reason)
        scope = self._scope.body if isinstance(self._scope, cst.FunctionDef) else self._scope
        LoopSplit(self._draft, found, split, self._function, scope, self._display(loop)).apply()
        return None

    def _split_call(self, call: cst.Call, varying: set[str], scope: cst.CSTNode | None = None) -> SplitCall | Refusal:
        """Return the call in a loop that sets the names `varying`, with what replaces it."""
        endpoint = self._endpoint(call)
        if endpoint is not None:
            request = list_request(self._tree, call, endpoint, scope or self._scope)
            if isinstance(request, str):
                return Refusal(request)
            others = [each for each in call.args if each is not request.argument]
            reason = self._same_for_all(others, varying, call)
            if reason is not None:
                return reason
            sliced = SlicedCall(self._draft, request, endpoint)
            return SplitCall(sliced, request.item, request.results, bool(request.response), is_unused=request.is_unused)
        made = self._helper_call(call, varying)
        if isinstance(made, Refusal):
            return made
        value, parent = made.value, self._tree.parent(made.value)
        match parent:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
                return SplitCall(made, made.argument.value, (), True, name)
            case cst.Expr():
                return SplitCall(made, made.argument.value, (), is_unused=True)
            case _:
                return SplitCall(made, made.argument.value, (value,))

    def _endpoint(self, call: cst.Call) -> Endpoint | None:
        """Return the endpoint of a call, or that of a helper that takes a list, if it gets a list of one item."""
        if self._document.span(self._route.calls[-1]).end == self._tree.span(call).end:
            return self._route.endpoint
        for number, each in enumerate(call.args):
            if isinstance(each.value, cst.List) and len(each.value.elements) == 1:
                keywords = (each.keyword.value,) if each.keyword is not None else ()
                return replace(
                    self._route.endpoint, argument=number, keywords=keywords, list_input=True, list_twin="", list_result=("[0]",)
                )
        return None

    def _helper_call(self, call: cst.Call, varying: set[str]) -> HelperCall | Refusal:
        """Return the call of a helper, after adding its twin for a list."""
        argument = [each for each in call.args if roots_read([each.value]) & varying]
        if len(argument) != 1:
            return Refusal(f"{len(argument)} arguments of `{self._workload.call}` differ from item to item")
        reason = self._same_for_all([each for each in call.args if each is not argument[0]], varying, call)
        if reason is not None:
            return reason
        helper = self._list_helper(call, call.func, argument[0])
        if isinstance(helper, Refusal):
            return helper
        place, name = self._spelled(call.func, helper)
        if isinstance(name, Refusal):
            return name
        parent = self._tree.parent(call)
        value = parent if isinstance(parent, cst.Await) else call
        return HelperCall(self._draft, value, argument[0], place, name, helper.parameter)

    def _list_helper(self, call: cst.Call | None, spelled: cst.BaseExpression, argument: cst.Arg | None) -> ListHelper | Refusal:
        """Return the twin of the helper that code calls as `spelled`. Without a call, its first parameter takes the input."""
        location, qualname = self._route.calls[-1], self._route.functions[-1]
        document = self._documents.at(location.path)
        function = None if document is None else document.function(qualname)
        if document is None or function is None:
            return Refusal(f"`{qualname}` cannot be read")
        if not self._is_named(function, spelled):
            return Refusal(f"`{self._tree.code(spelled)}` leads to `{function.title}` through other names")
        other = _overriding(document, self._document, function, self._function)
        if other:
            return Refusal(f"`{other}` has a `{function.name}` of its own, or none")
        names = _parameters(function)
        if argument is not None and argument.keyword is not None:
            parameter = argument.keyword.value
        else:
            number = 0 if call is None or argument is None else next(index for index, each in enumerate(call.args) if each is argument)
            if number >= len(names):
                return Refusal(f"`{function.name}` takes its input in another way")
            parameter = names[number]
        helper = list_helper(document, function, location, self._route.endpoint, parameter)
        if not isinstance(helper, Refusal):
            self._more += helper.edits
        return helper

    def _is_named(self, helper: FunctionOutline, spelled: cst.BaseExpression) -> bool:
        """Whether code names a helper itself: by its name, an import of it, or a method of an object."""
        if helper.parent is not None and helper.parent != MODULE_BODY and helper.parent != self._function.qualname:
            return False
        if isinstance(spelled, cst.Name):
            bound = [each for outline in (self._function, self._document.outline.functions[0]) for each in outline.imports]
            symbols = {each.symbol for each in bound if each.name == spelled.value}
            return helper.owner is None and (spelled.value == helper.name if not symbols else helper.name in symbols)
        return isinstance(spelled, cst.Attribute) and spelled.attr.value == helper.name

    def _spelled(self, function: cst.BaseExpression, helper: ListHelper) -> tuple[Span, str | Refusal]:
        """Return the span of the name of a helper where it is called, and the name that replaces it."""
        if isinstance(function, cst.Attribute):
            return self._tree.span(function.attr), helper.name
        here = self._workload.site.path == self._route.calls[-1].path
        if here:
            return self._tree.span(function), helper.name
        module = self._import_of(self._tree.code(function))
        if not module:
            return self._tree.span(function), Refusal(f"`{self._tree.code(function)}` is not imported at the top of the file")
        imports = ImportEdits(self._document, self._tree.span(function).start)
        name = imports.name(module, helper.name)
        self._more += imports.edits()
        return self._tree.span(function), name

    def _import_of(self, name: str) -> str:
        """Return the module from which the file imports a name, with leading dots, or an empty string."""
        outlines = (self._function, self._document.outline.functions[0])
        for each in (imported for outline in outlines for imported in outline.imports):
            if each.name == name and each.symbol:
                return "." * each.level + each.module
        return ""

    def _same_for_all(self, arguments: list[cst.Arg], varying: set[str], call: cst.Call) -> Refusal | None:
        for each in arguments:
            if each.star or roots_read([each.value]) & varying:
                return Refusal(f"`{self._tree.code(each).strip(' ,')}` may differ from one request to the next")
        return None

    def _display(self, loop: cst.For) -> Display | None:
        """Return the progress display around the items of a loop."""
        shown = self._workload.progress
        if shown is None or not isinstance(loop.iter, cst.Call) or not loop.iter.args or loop.iter.args[0].keyword is not None:
            return None
        is_display = (
            self._tree.code(loop.iter.func) == shown.name or self._tree.span(loop.iter).end == self._document.span(shown.location).end
        )
        return Display(loop.iter, loop.iter.args[0].value) if is_display else None

    def _in_expression(self, call: cst.Call) -> Refusal | None:
        """Rewrite a comprehension, a `map` or a fan-out."""
        around = next((each for each in self._tree.ancestors(call) if isinstance(each, cst.BaseComp | cst.Lambda)), None)
        if isinstance(around, cst.BaseComp) and self._repetition.location != self._workload.site:
            repeated = self._in_comprehension(call, around)
            return repeated if isinstance(repeated, Refusal) else ListExpression(self._draft, repeated, self._function).apply()
        running = worker(self._tree, call)
        if isinstance(running, str):
            return Refusal(running)
        if isinstance(running.function, cst.Lambda):
            split = self._in_lambda(running.function)
            if isinstance(split, Refusal):
                return split
            return ListExpression(self._draft, Repeated.of_lambda(running, running.function, split), self._function).apply()
        helper = self._list_helper(None, running.function, None)
        if isinstance(helper, Refusal):
            return helper
        _, name = self._spelled(running.function, helper)
        if isinstance(name, Refusal):
            return name
        owner = f"{self._tree.code(running.function.value)}." if isinstance(running.function, cst.Attribute) else ""
        with_helper(self._draft, running, f"{owner}{name}", self._function)
        return None

    def _in_lambda(self, function: cst.Lambda) -> SplitCall | Refusal:
        """Return the call in a lambda that a `map` runs."""
        if len(function.params.params) != 1:
            return Refusal("the lambda does not take one item")
        places = [each for each in self._route.calls[1:] if each.path == self._workload.site.path]
        calls = [self._tree.call_at(self._document.span(each)) for each in places]
        inner = next((each for each in calls if each is not None and function in self._tree.ancestors(each)), None)
        if inner is None:
            return Refusal("the request is not in the lambda")
        return self._split_call(inner, {function.params.params[0].name.value}, function)

    def _in_comprehension(self, call: cst.Call, comprehension: cst.BaseComp) -> Repeated | Refusal:
        clause = comprehension.for_in
        if clause.inner_for_in is not None or clause.asynchronous is not None:
            return Refusal("the comprehension has several loops")
        running = fan_out(self._tree, comprehension) if self._repetition.kind == "fan-out" else None
        if isinstance(running, str):
            return Refusal(running)
        varying = {each.value for each in variables(clause.target)}
        if isinstance(comprehension, cst.GeneratorExp) and running is None and not is_consumed(self._tree, comprehension):
            return Refusal("the results of the generator expression may not all be taken")
        if may_not_run(self._tree, call, comprehension):
            return Refusal("the request is sent under a condition in its expression")
        split = self._split_call(call, varying)
        if isinstance(split, Refusal):
            return split
        return Repeated.of_comprehension(comprehension, split, running)


def _overriding(document: Document, site: Document, helper: FunctionOutline, function: FunctionOutline) -> str:
    """Return a class whose objects may not have the twin of a method at the call, or an empty string."""
    if helper.owner is None:
        return ""
    classes = {each.qualname: each for module in (document, site) for each in module.outline.classes}
    related = {
        name for name, each in classes.items() if any((dotted(base) or "").rpartition(".")[2] == helper.owner for base in each.bases)
    }
    overriding = [name for name in sorted(related) if any(method == helper.name for method, _ in classes[name].methods)]
    if overriding:
        return overriding[0]
    is_elsewhere = function.owner is not None and function.owner in classes and function.owner != helper.owner
    defines = is_elsewhere and any(method == helper.name for method, _ in classes[str(function.owner)].methods)
    return str(function.owner) if defines else ""


def _parameters(function: FunctionOutline) -> list[str]:
    names = [each.name for each in function.parameters if each.kind == "positional"]
    return names[1:] if function.owner is not None and names[:1] in (["self"], ["cls"]) else names
