"""The project around files: its root, the names of its modules, and what an import means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from surfacelint.project.file_discovery import discover
from surfacelint.project.import_resolution import ROOT_PACKAGE
from surfacelint.project.module_names import Project, SourceFile, project_files, project_root

Tree = Callable[..., Project]
FOREIGN = frozenset({"openai", "agents", "llm", "celery", "google"})


def touch(root: Path, *files: str) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a function that makes empty files and returns the project of them."""

    def make(*files: str, foreign: frozenset[str] = FOREIGN) -> Project:
        touch(tmp_path, *files)
        return Project.build(tmp_path, [tmp_path / file for file in files], foreign)

    return make


def file(project: Project, path: str) -> SourceFile:
    found = project.at(project.root / path)
    assert found is not None
    return found


def resolve(project: Project, name: str, importer: str, level: int = 0) -> str | None:
    return project.resolve(name, file(project, importer), level)


class TestRoot:
    @pytest.mark.parametrize("marker", ["pyproject.toml", "setup.py", "setup.cfg", "surfacelint.toml", ".git"])
    def test_nearest_marker_above(self, tmp_path: Path, marker: str) -> None:
        touch(tmp_path, "pyproject.toml", f"a/{marker}", "a/b/c.py", "a/d.py")
        assert project_root([tmp_path / "a" / "b" / "c.py"]) == tmp_path / "a"
        assert project_root([tmp_path / "a"]) == tmp_path / "a"
        assert project_root([tmp_path / "a" / "b", tmp_path / "a" / "d.py"]) == tmp_path / "a"

    def test_common_parent_of_several_paths(self, tmp_path: Path) -> None:
        touch(tmp_path, "pyproject.toml", "a/pyproject.toml", "a/x.py", "b/pyproject.toml", "b/y.py")
        assert project_root([tmp_path / "a", tmp_path / "b" / "y.py"]) == tmp_path

    def test_current_directory_by_default(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        touch(tmp_path, "setup.cfg", "a/x.py")
        monkeypatch.chdir(tmp_path / "a")
        assert project_root([]) == tmp_path
        assert project_root(["x.py"]) == tmp_path

    def test_without_marker(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("surfacelint.project.module_names.ROOT_MARKERS", ("no such marker",))
        touch(tmp_path, "lone/pkg/__init__.py", "lone/pkg/sub/__init__.py", "lone/pkg/sub/mod.py", "lone/scripts/run.py")
        assert project_root([tmp_path / "lone" / "pkg" / "sub" / "mod.py"]) == tmp_path / "lone"
        assert project_root([tmp_path / "lone" / "scripts" / "run.py"]) == tmp_path / "lone" / "scripts"
        assert project_root([tmp_path / "lone" / "pkg"]) == tmp_path / "lone"

    def test_files_of_a_marked_root_are_all_below_it(self, tmp_path: Path) -> None:
        touch(tmp_path, "p/pyproject.toml", "p/a.py", "p/deep/b.ipynb", "p/gen/c.py", "p/run")
        found = project_files(tmp_path / "p", [tmp_path / "p" / "run", tmp_path / "p" / "gen" / "c.py"], ["gen"]).files
        assert [path.name for path in found] == ["a.py", "b.ipynb", "c.py", "run"]

    def test_files_of_an_unmarked_root(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("surfacelint.project.module_names.ROOT_MARKERS", ("no such marker",))
        touch(tmp_path, "run.py", "deep/helper.py")
        assert [path.name for path in project_files(tmp_path, [tmp_path / "run.py"]).files] == ["helper.py", "run.py"]


class TestNames:
    def test_canonical_names(self, tree: Tree) -> None:
        project = tree("src/pkg/__init__.py", "src/pkg/mod.py", "scripts/my-job.py", "run.py", "__init__.py", "pkg/__main__.py")
        assert {source.path.relative_to(project.root).as_posix(): source.module for source in project.files} == {
            "__init__.py": ROOT_PACKAGE,
            "pkg/__main__.py": "pkg.__main__",
            "run.py": "run",
            "scripts/my-job.py": "scripts.my-job",
            "src/pkg/__init__.py": "src.pkg",
            "src/pkg/mod.py": "src.pkg.mod",
        }
        assert project.file("src.pkg") == file(project, "src/pkg/__init__.py")
        assert file(project, "src/pkg/__init__.py").is_package
        assert file(project, "src/pkg/__init__.py").directory == file(project, "src/pkg/mod.py").directory == "src.pkg"
        assert file(project, "__init__.py").directory == file(project, "run.py").directory == ""

    def test_names_never_clash(self, tree: Tree) -> None:
        project = tree("a/b.py", "a/b/__init__.py", "a/b.ipynb", "a.b.py", "a.b/__init__.py", "a/b/ipynb.py", "a%2Eb.py", "a/b.txt")
        assert len({source.module for source in project.files}) == len(project.files)
        assert file(project, "a/b/__init__.py").module == "a.b"
        assert file(project, "a/b.ipynb").is_notebook
        assert all(project.file(source.module) is source for source in project.files)

    def test_a_script_without_suffix(self, tree: Tree) -> None:
        project = tree("bin/run", "bin/helper.py")
        assert resolve(project, "run", "bin/helper.py") is None
        assert resolve(project, "helper", "bin/run") == "bin.helper"

    def test_display_is_what_the_user_would_type(self, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
        root = tree("src/a.py").root
        monkeypatch.chdir(root / "src")
        project = Project.build(root, [root / "src" / "a.py", root / "b.py"])
        assert [source.display for source in project.files] == [(root / "b.py").as_posix(), "a.py"]

    def test_files_outside_of_the_root(self, tmp_path: Path) -> None:
        project = Project.build(tmp_path / "root", [tmp_path / "root" / "a.py", tmp_path / "other" / "b.py", tmp_path / "other" / "c.py"])
        outside = project.at(tmp_path / "other" / "b.py")
        assert outside is not None
        found = project.resolve("c", outside)
        assert found is not None
        assert project.file(found) is project.at(tmp_path / "other" / "c.py")

    def test_order_of_files_does_not_matter(self, tmp_path: Path) -> None:
        files = [tmp_path / "b.py", tmp_path / "a.py", tmp_path / "b.py"]
        assert Project.build(tmp_path, files).files == Project.build(tmp_path, reversed(files)).files


class TestAbsolute:
    def test_src_layout(self, tree: Tree) -> None:
        project = tree("src/pkg/__init__.py", "src/pkg/mod.py", "tests/test_mod.py", "docs/conf.py")
        for importer in ("src/pkg/mod.py", "tests/test_mod.py", "docs/conf.py"):
            assert resolve(project, "pkg", importer) == "src.pkg"
            assert resolve(project, "pkg.mod", "tests/test_mod.py") == "src.pkg.mod"
        assert resolve(project, "pkg.gone", "docs/conf.py") is None
        assert resolve(project, "src.pkg.mod", "tests/test_mod.py") == "src.pkg.mod"

    def test_flat_layout(self, tree: Tree) -> None:
        project = tree("pkg/__init__.py", "pkg/a/__init__.py", "pkg/a/mod.py", "pkg/b.py")
        assert resolve(project, "pkg.b", "pkg/a/mod.py") == "pkg.b"
        assert resolve(project, "pkg", "pkg/__init__.py") == "pkg"

    def test_scripts_beside_their_modules(self, tree: Tree) -> None:
        project = tree("jobs/run.py", "jobs/client.py", "other/run.py", "other/client.py")
        assert resolve(project, "client", "jobs/run.py") == "jobs.client"
        assert resolve(project, "client", "other/run.py") == "other.client"

    def test_the_root_goes_before_a_package_of_the_importer(self, tree: Tree) -> None:
        project = tree("utils.py", "pkg/__init__.py", "pkg/utils.py", "pkg/mod.py", "pkg/only.py")
        assert resolve(project, "utils", "pkg/mod.py") == "utils"
        assert resolve(project, "only", "pkg/mod.py") == "pkg.only"

    def test_namespace_packages(self, tree: Tree) -> None:
        project = tree("app/services/chat.py", "app/main.py", "run.py")
        assert resolve(project, "app.services.chat", "run.py") == "app.services.chat"
        assert resolve(project, "app.services", "run.py") == "app.services"
        assert project.file("app.services") is None
        assert project.submodule("app.services", "chat") == "app.services.chat"
        assert resolve(project, "services.chat", "app/main.py") == "app.services.chat"

    def test_a_directory_counts_only_if_nothing_better_has_the_name(self, tree: Tree) -> None:
        project = tree("tool/data/gen.py", "tool/run.py", "data/__init__.py")
        assert resolve(project, "data", "tool/run.py") == "data"

    def test_one_place_only(self, tree: Tree) -> None:
        project = tree(
            "services/a/main.py", "libs/x/src/shared/__init__.py", "libs/x/src/shared/deep.py", "libs/p/twice.py", "libs/q/twice.py"
        )
        assert resolve(project, "shared.deep", "services/a/main.py") == "libs.x.src.shared.deep"
        assert resolve(project, "twice", "services/a/main.py") is None

    def test_source_directory_of_the_own_service_first(self, tree: Tree) -> None:
        files = ("a/src/core/__init__.py", "a/tests/test_core.py", "b/src/core/__init__.py", "b/tests/test_core.py")
        project = tree(*files)
        assert resolve(project, "core", "a/tests/test_core.py") == "a.src.core"
        assert resolve(project, "core", "b/tests/test_core.py") == "b.src.core"

    def test_a_root_that_is_a_package(self, tree: Tree) -> None:
        project = tree("__init__.py", "nodes.py", "tests/test_nodes.py")
        name = project.root.name.replace(".", "%2E")
        assert resolve(project, f"{name}.nodes", "tests/test_nodes.py") == "nodes"
        assert resolve(project, name, "tests/test_nodes.py") == ROOT_PACKAGE
        assert resolve(project, "", "nodes.py", 1) == ROOT_PACKAGE
        assert project.submodule(ROOT_PACKAGE, "nodes") == "nodes"

    def test_no_module_imports_itself(self, tree: Tree) -> None:
        project = tree("redis.py", "cache.py")
        assert resolve(project, "redis", "redis.py") is None
        assert resolve(project, "redis", "cache.py") == "redis"

    def test_what_is_not_in_the_project(self, tree: Tree) -> None:
        project = tree("a.py", "nb.ipynb")
        for name in ("numpy", "a.b", "nb", "nb.ipynb"):
            assert resolve(project, name, "a.py") is None
        assert resolve(project, "a", "nb.ipynb") == "a"
        assert project.file("numpy") is None
        assert project.at(project.root / "gone.py") is None


class TestOtherPeoplesNames:
    def test_only_a_script_directory_hides_the_standard_library(self, tree: Tree) -> None:
        project = tree("pkg/__init__.py", "pkg/logging.py", "pkg/mod.py", "jobs/queue.py", "jobs/run.py", "jobs/types/a.py", "lib/email.py")
        assert resolve(project, "logging", "pkg/mod.py") is None
        assert resolve(project, "queue", "jobs/run.py") == "jobs.queue"
        assert resolve(project, "queue", "jobs/queue.py") is None
        assert resolve(project, "queue", "pkg/mod.py") is None
        assert resolve(project, "types", "jobs/run.py") is None
        assert resolve(project, "email", "jobs/run.py") is None

    def test_adapters_named_after_their_sdk(self, tree: Tree) -> None:
        project = tree(
            "app/__init__.py",
            "app/providers/__init__.py",
            "app/providers/openai.py",
            "app/providers/base.py",
            "integrations/openai/__init__.py",
            "integrations/openai/client.py",
            "proj/celery.py",
            "proj/__init__.py",
            "proj/tasks.py",
        )
        for importer in ("app/providers/openai.py", "app/providers/base.py", "integrations/openai/client.py"):
            assert resolve(project, "openai", importer) is None
            assert resolve(project, "openai.types", importer) is None
        assert resolve(project, "celery", "proj/tasks.py") is None
        assert resolve(project, "proj.celery", "proj/tasks.py") == "proj.celery"
        assert resolve(project, "openai", "app/providers/base.py", 1) == "app.providers.openai"

    def test_a_module_beside_a_script_hides_an_sdk(self, tree: Tree) -> None:
        project = tree("scripts/agents.py", "scripts/run.py", "scripts/deep/run.py", "other/run.py")
        assert resolve(project, "agents", "scripts/run.py") == "scripts.agents"
        for importer in ("scripts/agents.py", "scripts/deep/run.py", "other/run.py"):
            assert resolve(project, "agents", importer) is None

    def test_a_module_at_the_root_hides_an_sdk_everywhere(self, tree: Tree) -> None:
        project = tree("main.py", "llm.py", "src/groq.py", "utils/scores.py", "pkg/__init__.py", "pkg/deep/jobs.py")
        for importer in ("main.py", "utils/scores.py", "pkg/deep/jobs.py"):
            assert resolve(project, "llm", importer) == "llm"
            assert resolve(project, "groq", importer) == "src.groq"
        assert resolve(project, "llm", "llm.py") is None

    def test_own_packages_with_a_common_name(self, tree: Tree) -> None:
        project = tree("agents/__init__.py", "agents/base.py", "agents/tools.py", "main.py", "deep/job.py")
        for importer in ("main.py", "agents/base.py", "deep/job.py"):
            assert resolve(project, "agents", importer) == "agents"
            assert resolve(project, "agents.tools", importer) == "agents.tools"

    def test_a_directory_of_a_common_name_gives_its_modules_only(self, tree: Tree) -> None:
        project = tree("llm/client.py", "main.py")
        assert resolve(project, "llm.client", "main.py") == "llm.client"
        assert resolve(project, "llm", "main.py") is None

    def test_a_package_of_a_common_name_in_a_package_is_not_meant(self, tree: Tree) -> None:
        project = tree("src/app/__init__.py", "src/app/agents/__init__.py", "src/app/main.py")
        assert resolve(project, "agents", "src/app/main.py") is None
        assert resolve(project, "app.agents", "src/app/main.py") == "src.app.agents"

    def test_the_sdk_itself(self, tree: Tree) -> None:
        project = tree("src/openai/__init__.py", "src/openai/types/chat.py", "examples/demo.py")
        assert resolve(project, "openai", "examples/demo.py") == "src.openai"
        assert resolve(project, "openai.types.chat", "src/openai/__init__.py") == "src.openai.types.chat"


class TestRelative:
    def test_levels(self, tree: Tree) -> None:
        project = tree("pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/mod.py", "pkg/other.py", "top.py")
        assert resolve(project, "mod", "pkg/sub/__init__.py", 1) == "pkg.sub.mod"
        assert resolve(project, "", "pkg/sub/mod.py", 1) == "pkg.sub"
        assert resolve(project, "other", "pkg/sub/mod.py", 2) == "pkg.other"
        assert resolve(project, "", "pkg/sub/mod.py", 2) == "pkg"
        assert resolve(project, "top", "pkg/sub/mod.py", 3) == "top"
        assert resolve(project, "top", "pkg/sub/mod.py", 4) is None
        assert resolve(project, "gone", "pkg/sub/mod.py", 1) is None

    def test_directories_without_init(self, tree: Tree) -> None:
        project = tree("ns/a.py", "ns/deep/b.py", "c.py", "d.py")
        assert resolve(project, "deep", "ns/a.py", 1) == "ns.deep"
        assert resolve(project, "deep.b", "ns/a.py", 1) == "ns.deep.b"
        assert resolve(project, "d", "c.py", 1) == "d"


def test_building_from_discovery(tmp_path: Path) -> None:
    touch(tmp_path, "pyproject.toml", "src/pkg/__init__.py", "src/pkg/a.py", "nb/run.ipynb", ".venv/lib/x.py")
    project = Project.build(tmp_path, discover([tmp_path]).files)
    assert [source.module for source in project.files] == ["nb.<run:ipynb>", "src.pkg", "src.pkg.a"]
