"""Settings: where they come from, how they combine, and what is said about wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from surfacelint import reporters, rules
from surfacelint.config import OUTPUT_FORMATS, Config, ConfigError, discover, layer, matches, settings
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule, find, load, selected, unknown_ignores


def check(_program: Program, _info: RuleInfo) -> Iterator[Finding]:
    return iter(())


RULES = tuple(Rule(code, Severity.WARNING, check, default=code != "SRF106") for code in ("SRF101", "SRF102", "SRF106", "SRF301", "SRF901"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "job.py").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str, name: str = "pyproject.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def codes(config: Config) -> list[str]:
    return [rule.code for rule in selected(RULES, config)]


def given(**values: object) -> Config:
    return Config().apply(layer({key.replace("_", "-"): value for key, value in values.items()}, "test"))


class TestSettings:
    def test_every_setting_is_named_after_its_field(self) -> None:
        for name, setting in settings().items():
            assert setting.key == name.replace("_", "-")
            assert setting.flag == (f"--{setting.key}" if setting.option else "")
            assert setting.help.endswith(".")

    def test_fields_without_metadata_are_not_settings(self) -> None:
        assert {field.name for field in fields(Config)} - settings().keys() == {"root", "hierarchical", "layers", "earlier"}

    def test_output_formats_are_the_reporters(self) -> None:
        assert tuple(reporters.FORMATS) == OUTPUT_FORMATS

    def test_a_config_can_be_a_key(self) -> None:
        assert hash(given(select=["SRF1"], per_file_ignores={"a.py": ["SRF1"]})) == hash(
            given(select=["SRF1"], per_file_ignores={"a.py": ["SRF1"]})
        )


class TestFiles:
    def test_without_a_file_the_defaults_hold(self, project: Path) -> None:
        assert discover(["src/job.py"]).source is None

    def test_pyproject(self, project: Path) -> None:
        write(project, '[tool.surfacelint]\nmin-items = 7\nextend-exclude = ["gen"]\ncheck-tests = true\noutput-format = "json"\n')
        config = discover(["src/job.py"])
        assert (config.root, config.source) == (project, project / "pyproject.toml")
        assert (config.min_items, config.extend_exclude, config.check_tests, config.output_format) == (7, ("gen",), True, "json")

    def test_own_file_needs_no_table_and_wins_beside_pyproject(self, project: Path) -> None:
        write(project, "[tool.surfacelint]\nmin-items = 7\n")
        write(project, "min-items = 8\n", "surfacelint.toml")
        assert discover(["src"]).min_items == 8

    def test_nearest_file_wins(self, project: Path) -> None:
        write(project, "[tool.surfacelint]\nmin-items = 7\n")
        write(project / "src", "[tool.surfacelint]\nmin-items = 9\n")
        assert discover(["src/job.py"]).min_items == 9
        assert discover(["src", "."]).min_items == 7

    def test_pyproject_of_somebody_else_is_passed_over(self, project: Path) -> None:
        write(project, "[tool.surfacelint]\nmin-items = 7\n")
        write(project / "src", '[project]\ndependencies = ["surfacelint"]\n')
        config = discover(["src/job.py"])
        assert (config.min_items, config.root) == (7, project)

    def test_given_file_wins_and_keeps_the_root_of_the_project(self, project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        write(project, "[tool.surfacelint]\nmin-items = 7\n")
        elsewhere = write(tmp_path_factory.mktemp("elsewhere"), "min-items = 5\n", "shared.toml")
        config = discover(["src/job.py"], elsewhere)
        assert (config.min_items, config.root) == (5, project)

    def test_isolated(self, project: Path) -> None:
        write(project, "[tool.surfacelint]\nmin-items = 7\n")
        config = discover(["src/job.py"], isolated=True)
        assert (config.min_items, config.root) == (100, project)

    def test_catalogue(self, project: Path) -> None:
        write(
            project,
            '[[tool.surfacelint.catalogue.provider]]\nname = "gateway"\ntitle = "Gateway"\nrole = "gateway"\nimports = ["gateway"]\n',
        )
        assert [provider.name for provider in discover(["src"]).catalogue.providers] == ["gateway"]


class TestWrongFiles:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "[tool.surfacelint]\n\nmin-item = 3\n",
                "pyproject.toml:3: unknown key 'min-item' in [tool.surfacelint]; did you mean 'min-items'?",
            ),
            (
                "[tool.surfacelint]\nmin_items = 3\n",
                "pyproject.toml:2: unknown key 'min_items' in [tool.surfacelint]; did you mean 'min-items'?",
            ),
            ("[tool.surfacelint.perfile-ignores]\n", "pyproject.toml:1: unknown key 'perfile-ignores' in [tool.surfacelint]; did you mean"),
            (
                "[tool.surfacelint]\nxyzzy = 3\n",
                "pyproject.toml:2: unknown key 'xyzzy' in [tool.surfacelint]; use one of extend, select, extend-select,",
            ),
            ("[tool]\nsurfacelint.xyzzy = 3\n", "pyproject.toml: unknown key 'xyzzy'"),
            ('[tool.surfacelint]\nmin-items = "3"\n', "pyproject.toml:2: 'min-items' must be an integer of 0 or more, not \"3\""),
            ("[tool.surfacelint]\nmin-items = true\n", "pyproject.toml:2: 'min-items' must be an integer of 0 or more, not true"),
            ("[tool.surfacelint]\nmin-items = -1\n", "pyproject.toml:2: 'min-items' must be an integer of 0 or more, not -1"),
            (
                '[tool.surfacelint]\nselect = "SRF1"\n',
                'pyproject.toml:2: \'select\' must be a list of rule codes, as in ["SRF101"], not "SRF1"',
            ),
            ("[tool.surfacelint]\nexclude = [1]\n", "pyproject.toml:2: 'exclude' must be a list of patterns"),
            ("[tool.surfacelint]\nper-file-ignores = []\n", "pyproject.toml:2: 'per-file-ignores' must be a table of lists of rule codes"),
            ("[tool.surfacelint]\ncheck-tests = 1\n", "pyproject.toml:2: 'check-tests' must be true or false, not 1"),
            *(
                (
                    f"[tool.surfacelint]\nbatch-module = {value}\n",
                    f"pyproject.toml:2: 'batch-module' must be the dotted name of a module, as in \"package.llm_batch\", not {value}",
                )
                for value in ('""', '"llm batch"', '".llm"', '"a..b"', '"a.class"', '"llm_batch.py/"', "3")
            ),
            (
                '[tool.surfacelint]\noutput-format = "xml"\n',
                f"pyproject.toml:2: 'output-format' must be one of {', '.join(OUTPUT_FORMATS)}, not \"xml\"",
            ),
            ("[tool.surfacelint]\ncatalogue = 1\n", "pyproject.toml:2: 'catalogue' must be a table, not 1"),
            ("[tool.surfacelint.catalogue]\nproviders = 1\n", "pyproject.toml:1: [tool.surfacelint.catalogue]: "),
            ("tool.surfacelint = 1\n", "pyproject.toml: [tool.surfacelint] must be a table"),
            ("[tool.surfacelint\n", "pyproject.toml: not valid TOML: "),
        ],
    )
    def test_message(self, project: Path, text: str, message: str) -> None:
        write(project, text)
        with pytest.raises(ConfigError) as caught:
            discover(["src"])
        assert str(caught.value).startswith(message)
        assert "\n" not in str(caught.value)

    def test_not_utf8(self, project: Path) -> None:
        (project / "surfacelint.toml").write_bytes(b"# \xff\n")
        with pytest.raises(ConfigError, match=r"surfacelint\.toml: not valid UTF-8"):
            discover(["src"])

    def test_given_file_that_is_missing(self, project: Path) -> None:
        with pytest.raises(ConfigError, match=r"nope\.toml: cannot be read: No such file"):
            discover(["src"], Path("nope.toml"))

    def test_own_file_with_the_table_of_pyproject(self, project: Path) -> None:
        write(project, "[tool.surfacelint]\n", "surfacelint.toml")
        with pytest.raises(ConfigError, match=r"^surfacelint\.toml:1: settings in this file have no table header"):
            discover(["src"])

    def test_given_pyproject_without_table(self, project: Path) -> None:
        write(project, "[project]\n")
        with pytest.raises(ConfigError, match=r"has no \[tool\.surfacelint\] table"):
            discover(["src"], Path("pyproject.toml"))

    def test_broken_pyproject_of_somebody_else(self, project: Path) -> None:
        write(project, "[tool.other\n")
        assert discover(["src"]).source is None


class TestLayers:
    def test_higher_layers_replace(self) -> None:
        config = given(min_items=3, exclude=["a"]).apply(layer({"min-items": 5, "exclude": ["b"]}, "flags"))
        assert (config.min_items, config.exclude) == (5, ("b",))

    def test_extensions_add_up(self) -> None:
        config = given(extend_exclude=["a"]).apply(layer({"extend-exclude": ["b"]}, "flags"))
        assert config.extend_exclude == ("a", "b")

    def test_a_layer_without_selectors_is_none(self) -> None:
        assert given(min_items=3).selections == ()


class TestSelection:
    def test_default(self) -> None:
        assert codes(Config()) == ["SRF101", "SRF102", "SRF301", "SRF901"]

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"select": ["SRF3"]}, ["SRF301", "SRF901"]),
            ({"select": ["SRF1"]}, ["SRF101", "SRF102", "SRF106", "SRF901"]),
            ({"select": ["ALL"], "ignore": ["SRF1"]}, ["SRF301", "SRF901"]),
            ({"select": []}, ["SRF901"]),
            ({"extend_select": ["SRF106"]}, ["SRF101", "SRF102", "SRF106", "SRF301", "SRF901"]),
            ({"ignore": ["SRF1"]}, ["SRF301", "SRF901"]),
            ({"extend_ignore": ["SRF1"]}, ["SRF301", "SRF901"]),
            ({"select": ["SRF101"], "ignore": ["SRF1"]}, ["SRF101", "SRF901"]),
            ({"select": ["SRF1"], "ignore": ["SRF101"]}, ["SRF102", "SRF106", "SRF901"]),
            ({"select": ["SRF101"], "ignore": ["SRF101"]}, ["SRF901"]),
            ({"ignore": ["ALL"]}, ["SRF901"]),
        ],
    )
    def test_most_specific_wins(self, values: dict[str, object], expected: list[str]) -> None:
        assert codes(given(**values)) == expected

    def test_a_higher_selection_starts_afresh(self) -> None:
        assert codes(given(select=["SRF3"], ignore=["SRF101"]).apply(layer({"select": ["SRF1"]}, "flags"))) == codes(given(select=["SRF1"]))

    def test_a_higher_extension_beats_a_lower_ignore(self) -> None:
        assert "SRF101" in codes(given(ignore=["SRF101"]).apply(layer({"extend-select": ["SRF1"]}, "flags")))

    def test_a_higher_ignore_adds_to_a_lower_one(self) -> None:
        assert codes(given(ignore=["SRF101"]).apply(layer({"ignore": ["SRF102"]}, "flags"))) == ["SRF301", "SRF901"]

    @pytest.mark.parametrize("key", ["select", "extend_select"])
    def test_unknown_code_is_an_error(self, key: str) -> None:
        with pytest.raises(ConfigError, match=r"^test: unknown rule 'SFR101' is selected; did you mean 'SRF101'\?$"):
            selected(RULES, given(**{key: ["SFR101"]}))

    def test_codes_of_other_tools_are_unknown(self) -> None:
        with pytest.raises(ConfigError, match="unknown rule 'E501' is selected; use one of SRF101, "):
            selected(RULES, given(select=["E501"]))

    def test_unknown_ignored_codes_are_warnings(self) -> None:
        config = given(ignore=["SRF101", "SFR102"], per_file_ignores={"tests/*": ["SRF999"]})
        assert unknown_ignores(RULES, config) == (
            "test: unknown rule 'SFR102' is ignored; did you mean 'SRF102'?",
            "test: 'tests/*': unknown rule 'SRF999' is ignored; did you mean 'SRF901'?",
        )

    @pytest.mark.parametrize(
        ("path", "ignored"),
        [("scripts/a.py", True), ("src/a.py", False), ("src/generated.py", True)],
    )
    def test_per_file_ignores(self, path: str, ignored: bool) -> None:
        config = given(per_file_ignores={"scripts": ["SRF1"], "generated.py": ["ALL"]})
        assert config.ignores("SRF101", config.root / path) is ignored


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("tests/*", "tests/unit/test_a.py", True),
        ("tests", "tests/unit/test_a.py", True),
        ("tests/", "tests/a.py", True),
        ("./tests/*", "tests/a.py", True),
        ("**/tests/*", "tests/a.py", True),
        ("**/tests/*", "src/tests/a.py", True),
        ("tests/**", "tests/unit/a.py", True),
        ("test_*.py", "src/test_a.py", True),
        ("src/*.py", "srcs/a.py", False),
        ("a.py", "src/ba.py", False),
        ("!src/*", "tests/a.py", True),
        ("!src/*", "src/a.py", False),
        ("/project/src/*", "src/a.py", True),
        ("project", "src/a.py", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    root = Path("/project")
    assert matches(pattern, root / path, root) is expected


class TestRules:
    def test_all_modules_are_loaded(self) -> None:
        assert {rule.name.replace("-", "_") for rule in rules.RULES} == {path.stem for path in Path(rules.__file__).parent.glob("[!_]*.py")}
        assert load() == rules.RULES

    def test_codes_are_unique_and_sorted(self) -> None:
        codes = [rule.code for rule in rules.RULES]
        assert codes == sorted(set(codes))

    def test_info_is_that_of_the_module(self) -> None:
        info = find("SRF901", rules.RULES).info
        assert (info.code, info.name, info.severity, info.default) == ("SRF901", "file-not-checked", Severity.ERROR, True)
        assert info.summary == "A file could not be checked."

    @pytest.mark.parametrize("word", ["SRF901", "srf901", "file-not-checked"])
    def test_found_by_code_or_name(self, word: str) -> None:
        assert find(word, rules.RULES).code == "SRF901"

    def test_unknown_rule(self) -> None:
        with pytest.raises(ConfigError, match="unknown rule 'file-not-check'; did you mean 'file-not-checked'"):
            find("file-not-check", rules.RULES)

    def test_a_broken_module_is_a_crash(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "no_rule.py").write_text("RULE = None\n", encoding="utf-8")
        monkeypatch.setattr(rules, "__path__", [str(tmp_path)])
        with pytest.raises(TypeError, match=r"rules/no_rule\.py: RULE must be a Rule"):
            load()
