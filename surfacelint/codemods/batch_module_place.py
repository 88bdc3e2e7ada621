"""Where the batch module of a project is, and how its code imports it."""

from __future__ import annotations

import os
from pathlib import Path

from surfacelint.codemods.batch_module import NAMES, features_of, rendered
from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.refusals import Refusal, RefusedError
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.module_outlines import Import
from surfacelint.model.findings import Edit, NewFile
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class BatchModulePlace:
    """The batch module: its dotted `name` for imports, its `path` as shown to users, and its absolute `file`."""

    name: str
    path: str
    file: Path

    def provide(self, features: frozenset[str], documents: Documents) -> tuple[tuple[Edit, ...], tuple[NewFile, ...]]:
        """Return the edit of the batch module, or the new file, that gives it some features.

        Raises `RefusedError` if its user has edited it and it lacks one.
        """
        known = documents.at(self.path)
        if known is None:
            return (), (NewFile(self.path, rendered(features)),)
        text = known.source.text
        present = features_of(text)
        if present is None:
            missing = sorted(each for each in features if not _provides(text, each))
            if missing:
                raise RefusedError(f"`{self.path}` has been edited and lacks `{missing[0]}`")
            return (), ()
        if features <= present:
            return (), ()
        return (known.edit(Span(Position(1, 0), Position(text.count("\n") + 1, 0)), rendered(features | present)),), ()


def _provides(text: str, feature: str) -> bool:
    return f"def {feature}(" in text if feature in NAMES else feature in text.lower()


def batch_module_place(request: Document, loop: Document, documents: Documents) -> BatchModulePlace:
    """Return the place of the batch module for a request and the loop that repeats it.

    It is imported from where the code that sends the request is imported from, so that both find it. Raises `RefusedError` if the
    setting `batch-module` names a package that does not exist there.
    """
    found = documents.once((batch_module_place, request.path, loop.path), lambda: _place(request, loop, documents))
    if isinstance(found, Refusal):
        raise RefusedError(found.reason)
    return found


def _place(request: Document, loop: Document, documents: Documents) -> BatchModulePlace | Refusal:
    setting = documents.batch_module
    known = next(
        (each.module for each in request.imports if each.symbol and each.module.rpartition(".")[2] == setting.rpartition(".")[2]), ""
    )
    root = _import_root(request, loop, documents)
    name = known or (setting if "." in setting else f"{_package(request, root, documents)}{setting}")
    file = root.joinpath(*name.split(".")).with_suffix(".py")
    if not documents.is_folder(file.parent):
        return Refusal(f"the folder of `batch-module` does not exist: {file.parent}")
    here = request.source.file
    path = os.path.normpath(os.path.join(os.path.dirname(here.display), os.path.relpath(file, here.path.parent)))  # noqa: PTH118, PTH120
    return BatchModulePlace(name, path.replace(os.sep, "/"), file)


def _import_root(request: Document, loop: Document, documents: Documents) -> Path:
    """Return the folder from which Python imports the module of a request."""
    for document in (request, loop):
        for imported in document.imports:
            root = _root_of(imported, document, documents)
            if root is not None and request.source.file.path.is_relative_to(root):
                return root
    folder = request.source.file.path.parent
    if "__main__" in request.source.text and not any(each.level for each in request.imports):
        return folder
    while documents.is_file(folder / "__init__.py"):
        folder = folder.parent
    return folder


def _root_of(imported: Import, document: Document, documents: Documents) -> Path | None:
    """Return the folder that an absolute import of a file of the project starts at."""
    if imported.level:
        return None
    for name in (f"{imported.module}.{imported.symbol}", imported.module) if imported.symbol else (imported.module,):
        file = documents.resolved(document, name)
        if file is not None:
            parts = name.count(".") + 1
            above = file.path.parent if not file.is_package else file.path.parent.parent
            return above.parents[parts - 2] if parts > 1 else above
    return None


def _package(request: Document, root: Path, documents: Documents) -> str:
    """Return the top-level package of a file below `root`, with a dot, or an empty string."""
    inside = request.source.file.path.relative_to(root).parts
    return f"{inside[0]}." if len(inside) > 1 and documents.is_file(root / inside[0] / "__init__.py") else ""
