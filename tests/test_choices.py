"""Every choice that can change a result stands in one file, is checked, read, tracked by DVC and printed."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd
import pytest
import yaml

from models import choices as module
from models.analysis import group_differences
from models.behaviour import few_clusters
from models.choices import FILE, Choices, choices, declared
from models.evidence import checks, rules
from models.messages import forms
from models.survey import controls
from models.theory import Sign
from models.theory.rules import Needs
from pipeline.core import blocks, declarations, handed
from pipeline.core import declared as steps
from pipeline.core.errors import InputError, Problem
from reports import chosen, reading
from reports.chosen import filled, written
from reports.tables import choices as table
from reports.texts import Texts
from tests.conftest import ROOT, Project
from tests.report_results import data_set
from tests.result_rows import survey_rows

# Constants that decide nothing of substance: the limits and tolerances of algorithms and of what a text may look like,
# sizes of pieces of work, how many a formula needs, and the people whom the simulator makes up.
NO_CHOICES = {
    "across": {"PAIR", "SEVERAL", "SURVEYS", "CONSTRUCTS", "EFFECTS", "SETS"},
    "behaviour": {"MOST"},
    "benchmark": {
        *("BURN_IN", "DECIMALS", "EXTRA_EVENTS", "ROBOT_DAYS", "ROBOT_EVENTS", "WHOLESALE_DAYS", "WHOLESALE_EVENTS"),
        *("LOWEST", "HIGHEST", "NO_ANSWER", "SKIPPERS"),
    },
    "measurement": {"_RIDGE", "_POPULATION", "_MONTE_CARLO", "BINS", "TERMS"},
    "panel": {
        *("MAX_CLUSTERS", "YEARS", "LARGEST", "MOST_CELLS", "SINGULAR", "STREAM_ROWS", "FLAT", "MOST_TERMS"),
        *("MOST_FACTORS", "MAX_LAG", "LONGEST", "DEEPEST", "MAX_PERIODS", "_STEP", "_ENOUGH", "_FLAT"),
    },
    # The longest time before a start that a declaration may ask for.
    "specs": {"MOST_PERIODS"},
    "statistics": {"SINGULAR"},
    # One item alone would be taken as free of error.
    "survey": {"LEAST", "_ALIKE"},
    "sem": {
        *("_SAME", "_UNDETERMINED", "_FLAT", "_PIVOT", "FLAT", "_POLISH", "_LAST", "_MOST", "_COMPLEX_STEP"),
        *("_MOST_OPERATIONS", "_DEEPEST", "_MOST_NESTED", "_MOST_GROUPS", "_RANK", "_WEAK", "_STRONG", "_EM_STEPS"),
        *("_NEWTON_STEPS", "MANY", "TRIAL", "_PATIENCE", "_ROWS", "_PART", "_COUNTS", "_SAMPLES", "_LARGEST", "_FAR"),
        *(
            "_BOUND",
            "_TINY",
            "_CLOSE",
            "_MANY",
            "FTOL",
            "_ITERATIONS",
            "_FEASIBLE",
            "MAX_ITERATIONS",
            "_DONE",
        ),
        "_FLATTEST",
        "_LANES",
        "_MOST_TABLES",
        *("_MOST_EM_STEPS", "_LARGE", "_FEW", "_COLUMNS"),
        # The rule of McNeish & Wolf (2023), and how a draw is fitted.
        *("_ROOM", "_STEPS", "_SHORTER"),
    },
}


GIVEN = re.compile(r"^_?[A-Z][A-Z0-9_, ]*(?::[^=\n]+)? = [-(\[]*[\d.]", flags=re.M)


def trees(room: str, containing: re.Pattern[str]) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if containing.search(text):
            yield path, ast.parse(text)


def is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return (
        isinstance(node, ast.Tuple | ast.List | ast.UnaryOp | ast.BinOp) and bool(inner) and all(map(is_number, inner))
    )


def constants(tree: ast.Module) -> set[str]:
    """Names in capitals that a module gives a number."""
    given = [(node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign)]
    given += [(node.target, node.value) for node in tree.body if isinstance(node, ast.AnnAssign) and node.value]
    named = (
        name.id
        for target, value in given
        if is_number(value)
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    )
    return {name for name in named if name.isupper()}


def test_no_module_keeps_a_number_of_its_own_that_could_be_a_choice() -> None:
    found: dict[str, set[str]] = {}
    for path, tree in trees("models", GIVEN):
        found.setdefault(path.relative_to(ROOT / "models").parts[0], set()).update(constants(tree))
    kept = {room: names for room, names in found.items() if names}
    assert kept == NO_CHOICES, "a choice belongs into models/choices.yaml; an algorithm's tolerance into NO_CHOICES"


LEVELS = {"alpha", "confidence", "level", "power", "target"}


def defaults(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Parameters of functions with their defaults, and those of the command line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            given, named = node.args, [*node.args.posonlyargs, *node.args.args]
            yield from ((a.arg, d) for a, d in zip(named[::-1], given.defaults[::-1], strict=False))
            yield from ((a.arg, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            option = str(node.args[0].value).removeprefix("--")
            yield from ((option, keyword.value) for keyword in node.keywords if keyword.arg == "default")


def test_no_default_repeats_the_level_or_the_power_that_was_chosen() -> None:
    asking = re.compile(r"\b(alpha|confidence|level|power|target)\b.*=.*\.\d")
    for room in ("models", "pipeline"):
        for path, tree in trees(room, asking):
            assert not [name for name, value in defaults(tree) if name in LEVELS and is_number(value)], path


def test_every_choice_is_read_and_only_as_a_value_by_its_name() -> None:
    read: set[str] = set()
    for room in ("models", "pipeline", "reports"):
        for path, tree in trees(room, re.compile("choices")):
            nodes = list(ast.walk(tree))
            plain = [n for n in nodes if isinstance(n, ast.Import) and any(a.name == "models.choices" for a in n.names)]
            plain += [
                n for n in nodes
                if isinstance(n, ast.ImportFrom) and n.module == "models" and any(a.name == "choices" for a in n.names)
            ]  # fmt: skip
            assert not plain, f"{path}: write from models.choices import choices"
            if any(isinstance(n, ast.ImportFrom) and n.module == "models.choices" for n in nodes):
                read |= {n.attr for n in nodes if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "choices"}
    assert {field.name for field in fields(Choices)} == read


def test_each_value_is_a_dependency_of_the_stages_that_read_it() -> None:
    tracked = {name for stage in steps.stages() for name in steps.choices(stage)}
    # On pages only, which read all.
    drawn = {
        "bic_apart",
        "htmt_close",
        "multiverse_draws",
        "null_draws",
        "null_resamples",
        "synthesis_df",
        "unusable_refits",
    }
    assert {field.name for field in fields(Choices)} - tracked == drawn
    assert {"measurement_estimator", "measurement_missing", "small_groups"} <= set(steps.choices("measure"))
    assert "synthesis_errors" in steps.choices("synthesis")
    assert {"loop_estimator", "loop_missing", "gmm_estimator", "gmm_instruments"} <= set(steps.choices("panel")) - set(
        steps.choices("structure")
    )
    assert FILE in steps.stages()["page"]["deps"]
    assert not [stage for stage in ("acquire", "clean", "measure", "structure", "panel", "judge")
                if FILE in steps.stages()[stage]["deps"]]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "models/theory", tmp_path / "models/theory")
    shutil.copytree(ROOT / "models/specs", tmp_path / "models/specs")
    return tmp_path


def problems(root: Path, old: str, new: str) -> tuple[list[Problem], int]:
    """What the check says of the file with one place changed, and the line of that place."""
    text = (ROOT / FILE).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (root / FILE).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as excinfo:
        declarations.check(root)
    return excinfo.value.problems, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "column", "expected"),
    [
        ("  value: 1999\n", "  value: 0.5\n", "wild_bootstrap_draws.value", "a whole number above zero"),
        ("  value: 10.83\n", "  value: 1083\n", "misfit_index.value", "a number from 1 to 1000"),
        ("  value: 1.44\n", "  value: 14.4\n", "rival_surplus.value", "a number from 0.5 to 5"),
        ("  value: 20000\n", "  value: many\n", "mediation_draws.value", "a number above zero"),
        ("  range: [99, 999999]\n", "  range: [99]\n", "wild_bootstrap_draws.range", "the least and the largest value"),
        ("  value: pmm\n", "  value: 5\n", "imputation_method.value", "one of: pmm, normal"),
        ("  value: merge\n", "  value: pool\n", "small_groups.value", "one of: merge, drop"),
        ("  range: [pmm, normal]\n", "  range: [normal]\n", "imputation_method.value", "one of: normal"),
        ("  range: [merge, drop]\n", "  range: [merge, lump]\n", "small_groups.range.1", "one of: merge, drop"),
        ("  value: 10.83\n", "  value: MLR\n", "misfit_index.value", "a number above zero"),
        ("  source: Glorfeld (1995)\n", "", "parallel_quantile.doi", "the source"),
        ("  source: Glorfeld (1995)\n  doi: 10.1177/0013164495055003002\n", "", "parallel_quantile", "where the value"),
    ],
)  # fmt: skip
def test_a_value_out_of_its_range_is_refused_with_its_line(
    root: Path, old: str, new: str, column: str, expected: str
) -> None:
    (problem,), row = problems(root, old, new)
    assert problem.file == FILE
    assert problem.column == column
    assert str(problem.expected).startswith(expected)
    assert problem.row is not None
    assert row - 6 <= problem.row <= row


def test_a_misspelt_word_names_the_nearest(root: Path) -> None:
    (found,), row = problems(root, "  value: permuted\n", "  value: permutted\n")
    assert (found.row, str(found.found), str(found.fix)) == (row, "'permutted'", "did you mean 'permuted'?")


def test_every_word_that_the_code_knows_may_stand_in_the_file() -> None:
    known = {name: get_args(kind) for name, kind in get_type_hints(Choices).items() if get_origin(kind) is Literal}
    assert {"measurement_estimator", "measurement_missing", "loop_estimator", "loop_missing"} <= known.keys()
    assert {name: declared()[name].range for name in known} == known


# What a step computes with whatever is chosen: ordered answers have one estimator, moments have no gaps.
FIXED = {("ladder_rows.py", "WLSMV"), ("without_items.py", "ML")}
# Specifications, whose own declaration (`models/specs/multiverse.yaml`) names what they vary.
VARIED = {"specifications.py", "multiverse.py", "variants.py", "changed_choices.py"}


def words_given(tree: ast.Module) -> Iterator[str]:
    """Words that calls and names of a module give for an estimator or a handling of gaps."""
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            given = [keyword.value for keyword in node.keywords if keyword.arg in ("estimator", "missing")]
        elif isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.target) in ("estimator", "missing"):
            given = [node.value]
        for value in given:
            parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            yield from (str(p.value) for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))


@pytest.mark.parametrize("room", ["survey", "behaviour", "analysis", "evidence", "across", "measurement/scales"])
def test_no_analysis_writes_its_estimator_or_handling_of_gaps_into_code(room: str) -> None:
    read = ((path.name, tree) for path, tree in trees(f"models/{room}", re.compile("estimator|missing")))
    found = {(name, word) for name, tree in read if name not in VARIED for word in words_given(tree)}
    assert found <= FIXED


def test_an_unknown_choice_names_the_nearest_and_bounds_keep_their_order(root: Path) -> None:
    found, row = problems(root, "\nfew_clusters:\n", "\nfew_cluster:\n")
    assert found[0].row == row + 1
    assert str(found[0].fix) == "did you mean 'few_clusters'?"
    assert "no 'few_clusters'" in str(found[1].found)
    (found,), _ = problems(root, "  value: 4\n  range: [3, 50]", "  value: 9\n  range: [3, 50]")
    assert found.column == "loop_periods_least.value"
    assert str(found.expected) == "at most 8, the value of loop_periods_most"
    (root / FILE).unlink()
    with pytest.raises(InputError, match="(?s)models/choices.yaml.*no such file"):
        declarations.check(root)


def test_models_alone_refuse_a_file_with_a_slip() -> None:
    entries = yaml.safe_load((ROOT / FILE).read_text(encoding="utf-8"))
    entries["alpha"]["value"] = 5
    assert [finding.at for finding in module.findings(entries)] == [("alpha", "value")]
    assert module.findings([]) != []


def test_a_changed_choice_changes_what_it_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = Sign(needs=Needs(), spec="mechanisms", label="h1a", sign="+")
    assert rules.verdict(claim, 0.3, 0.03) == "supported"
    monkeypatch.setattr(rules, "choices", replace(choices, alpha=0.01))
    assert rules.verdict(claim, 0.3, 0.03) == "inconclusive"

    ages = pd.DataFrame({"age": ["young"] * 12 + ["old"] * 9})
    assert controls.covariates(ages, ["age"]).empty
    monkeypatch.setattr(controls, "choices", replace(choices, smallest_category=9))
    assert controls.covariates(ages, ["age"]).shape == (21, 1)

    path = pd.DataFrame({"table": ["paths"], "term": ["stickiness ~ identification"]})
    common = {"table": "covariances", "quantity": "std_all", "term": "stickiness ~~ identification"}
    rows = pd.DataFrame([common | {"estimate": 0.9}]).assign(group="", ci_upper=np.nan)
    assert checks.indistinct(path, rows, "survey", claim) is None
    monkeypatch.setattr(checks, "choices", replace(choices, indistinct_correlation=0.88))
    assert "identification, stickiness (r = 0.90)" in str(checks.indistinct(path, rows, "survey", claim))


def test_the_bootstrap_decides_below_the_chosen_number_of_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fitted:
        estimate = type("Estimate", (), {"n_clusters": (40,)})

    assert not few_clusters.few(Fitted())
    monkeypatch.setattr(few_clusters, "choices", replace(choices, few_clusters=50))
    assert few_clusters.few(Fitted())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_prints_what_was_recorded_by_stages_with_something_to_do(project: Project, language: str) -> None:
    data_set(project, "demo", ("survey",), survey_rows())
    (printed,) = table.choices(reading.read("demo"), Texts(language))
    rows = {row[0]: row for row in printed.rows}
    assert rows["imputations"][1] == ".50"  # as recorded, whatever the file says now
    assert rows["imputations"][3:] == [
        '<a href="https://doi.org/10.1002/sim.4067">White, Royston &amp; Wood (2011)</a>',
        "structure",
    ]
    assert rows["imputations"][2] == declared()["imputations"].decides[language]
    estimator = rows["structure.estimator"]
    assert estimator[1:3] == ["MLR", blocks.chosen()["structure.estimator"].decides[language]]
    assert estimator[3] == '<a href="https://doi.org/10.1111/0081-1750.00078">Yuan &amp; Bentler (2000)</a>'
    assert "Enders &amp; Bandalos (2001)" in rows["structure.missing"][3]
    reason = blocks.chosen()["structure.min_group"].reason
    assert reason is not None
    assert reason[language] in rows["structure.min_group"][3]
    full = {"en": "full information (FIML)", "zh": "全信息法（FIML）"}[language]
    assert (rows["measurement_estimator"][1], rows["measurement_missing"][1]) == ("MLR", full)
    assert rows["measurement_estimator"][2] == declared()["measurement_estimator"].decides[language]
    assert "Yuan &amp; Bentler (2000)" in rows["measurement_estimator"][3]
    assert "wild_bootstrap_draws" not in rows  # nothing of a panel was estimated
    assert "judge" in rows["alpha"][4]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_that_can_be_chosen_is_worded_for_its_choice(language: str) -> None:
    words = {name: entry.range for name, entry in declared().items() if isinstance(entry.value, str)}
    form = json.loads((ROOT / "pipeline" / "core" / "params.schema.json").read_text(encoding="utf-8"))
    structure = form["properties"]["structure"]["properties"]
    words |= {f"structure.{name}": entry["enum"] for name, entry in structure.items() if "enum" in entry}
    worded = {key for key in Texts(language)._texts if key.startswith("chosen.")}
    assert worded == {f"chosen.{name}.{value}" for name, values in words.items() for value in values}


@pytest.mark.parametrize(
    ("language", "drawn"), [("en", "drawn from the regression (normal)"), ("zh", "回归抽取（normal）")]
)
def test_a_word_of_two_choices_says_what_it_means_in_each(project: Project, language: str, drawn: str) -> None:
    data_set(project, "demo", ("survey",), survey_rows())
    report = reading.read("demo")
    report.records["structure"]["choices"] |= {"imputation_method": "normal", "parallel_reference": "normal"}
    rows = {row[0]: row[1] for row in table.choices(report, Texts(language))[0].rows}
    assert rows["imputation_method"] == drawn
    assert rows["parallel_reference"] == {"en": "normal deviates (normal)", "zh": "正态随机数（normal）"}[language]


def test_each_parameter_of_an_analysis_says_what_it_decides_and_why_it_is_as_delivered() -> None:
    """The source is that of the value that stands in params.yaml as delivered; another value has none."""
    delivered = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    found = blocks.chosen()
    analysis = ("doubtful", "structure", "measure", "panel")
    assert set(found) == {f"{block}.{name}" for block in analysis for name in delivered[block]}
    entries = json.loads(blocks.SCHEMA.read_text(encoding="utf-8"))["properties"]
    for place, one in found.items():
        block, _, name = place.partition(".")
        assert one.value == delivered[block][name], place
        said = {key: value for key, value in entries[block]["properties"][name]["chosen"].items() if key != "value"}
        assert list(forms.entry("", forms.names_of(blocks.Chosen), ["decides"], said, ())) == [], place
        assert one.source or one.reason, place


def test_another_value_of_a_parameter_has_not_the_source_of_the_delivered_one(project: Project) -> None:
    structure = dict(handed.to("structure")["structure"].__dict__) | {"missing": "listwise", "estimator": "GLS"}
    project.parameters(structure=structure)
    data_set(project, "demo", ("survey",), survey_rows())
    (printed,) = table.choices(reading.read("demo"), Texts("en"))
    rows = {row[0]: row for row in printed.rows}
    assert [rows["structure.estimator"][1], rows["structure.estimator"][3]] == ["GLS", "params.yaml"]


def test_texts_state_the_values_that_are_chosen() -> None:
    assert filled("p < {choice.alpha}, {choice.flag_missing%}") == "p < .05, 15%"
    assert [written(value) for value in (0.05, 0.9, 0.001, 30, 2.0)] == [".05", ".90", ".001", "30", "2"]
    assert filled("estimator {choice.loop_estimator}") == "estimator MLR"
    assert not re.search(r"\{(choice|level)\.", " ".join(Texts("en")._texts.values()))


LEVEL = re.compile(r"\b(0?\.9[05]|0?\.975|0?\.025|1\.96|1\.645)\b")
QUANTILES = {"ppf", "isf", "quantile", "normal_quantile", "noncentrality", "inv_cdf"}


def stated_levels(node: ast.AST) -> Iterator[ast.expr]:
    """What a node says of the level of an interval: a default, a keyword, the arguments of a quantile, a half-width."""
    if isinstance(node, ast.arguments):
        named = [*node.posonlyargs, *node.args][-len(node.defaults) or len(node.args) :]
        pairs = [*zip(named, node.defaults, strict=False), *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        yield from (value for name, value in pairs if value is not None and name.arg == "level")
    elif isinstance(node, ast.AnnAssign | ast.keyword) and node.value is not None:
        if "level" in (getattr(node, "arg", None), ast.unparse(getattr(node, "target", node.value))):
            yield node.value
    elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in QUANTILES:
        yield from node.args
    elif isinstance(node, ast.BinOp):
        yield from (side for side in (node.left, node.right) if ast.unparse(side) in ("1.96", "1.645"))


def test_the_level_of_an_interval_is_chosen_and_neither_written_into_code_nor_into_texts() -> None:
    for room in ("models", "pipeline", "reports"):
        for path, tree in trees(room, LEVEL):
            said = [ast.unparse(part) for node in ast.walk(tree) for part in stated_levels(node)]
            assert not [part for part in said if LEVEL.search(part)], path
    texts = [*(ROOT / "reports/catalogue").glob("*.yaml"), *(ROOT / "models/remarks/catalogue").glob("*.yaml")]
    for path in (*texts, ROOT / "reports/definitions.yaml", ROOT / "models/results/words.yaml"):
        assert not re.search(r"\b9[05] ?%|1\.96|\.975", path.read_text(encoding="utf-8")), path


def test_another_confidence_changes_intervals_and_what_the_page_says_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = replace(choices, confidence=0.99, alpha=0.01)
    for read in (group_differences, chosen):
        monkeypatch.setattr(read, "choices", wide)
    monkeypatch.setattr(module, "_values", lambda: wide)
    contrast = group_differences.difference(np.array([1.0]), np.array([0.0]), np.eye(1))
    assert contrast["ci_upper"] == pytest.approx(2.5758, abs=1e-4)
    assert group_differences.equivalence(0.0, 1.0, 0.2)["ci_upper"] == pytest.approx(2.3263, abs=1e-4)
    told = filled("{choice.confidence%} {level.equivalence%} {level.rmsea%} {level.lower}")
    assert told == "99% 98% 98% .005"
