"""The words of the report: one catalogue for both languages, every statistic defined, numbers as in a paper."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from models import results as vocabulary
from models.remarks import packed, remark
from pipeline.core import ledger
from reports import definitions, numbers
from reports.tables import structure
from reports.texts import LANGUAGES, MissingText, Texts, catalogue
from tests.conftest import ROOT
from tests.result_rows import (
    BEYOND,
)

NAMES = {"Noto Sans SC", "Python 3", "offset points"}


def test_both_languages_have_the_same_texts_with_the_same_fields() -> None:
    english, chinese = catalogue("en"), catalogue("zh")
    assert english.keys() == chinese.keys()
    for key, entry in english.items():
        fields = [sorted({f for _, f, _, _ in string.Formatter().parse(side) if f}) for side in (entry, chinese[key])]
        assert fields[0] == fields[1], key
    with pytest.raises(
        MissingText, match=r"no text 'verdict.maybe' in reports/catalogue/zh.yaml; add it to every language"
    ):
        Texts("zh")("verdict.maybe")


# Words of another field, of what nobody tests, or of a hospital; `(?<!…)` where the word is part of a term.
NOT_IN_A_JOURNAL = (
    r"(?<!简单)(?<!随机)斜率|命题|第二意见|(?<!事)前趋势|虚拟起点|插补效应|杂货商(?!.*零售)|经由认同|清洗"
)
PLACES = ("reports/catalogue/zh.yaml", "reports/definitions.yaml", "models/results", "models/remarks/catalogue", "data")
PLACES += ("pipeline/wording/catalogue",)


def test_chinese_texts_use_the_terms_of_chinese_journals() -> None:
    files = [file for place in PLACES for file in ([ROOT / place] if "." in place else (ROOT / place).rglob("*.yaml"))]
    lines = [(file, line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(files) > 20
    assert not [(file.name, line) for file, line in lines if re.search(NOT_IN_A_JOURNAL, line)]


def texts_in(path: Path) -> list[str]:
    """String constants with two words or with Chinese characters; tags, fields, docstrings and errors set aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    errors = [node for node in ast.walk(tree) if isinstance(node, ast.Raise) or _is_note(node)]
    aside = {id(part) for node in errors for part in ast.walk(node)}
    aside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in aside:
            value = re.sub(r"<[^>]*>|\{[^}]*\}", "", node.value)
            if value not in NAMES and re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}|[\u4e00-\u9fff]", value):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}")
    return found


def _is_note(node: ast.AST) -> bool:
    """Whether something is added to an error that passes."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_note"


def test_no_text_stands_in_the_code() -> None:
    modules = [path for path in (ROOT / "reports").rglob("*.py") if path.name != "plots.py"]
    found = [text for path in sorted(modules) for text in texts_in(path)]
    # Commands, fonts and a style of Word have one name in every language.
    names = ("pip install uv", "stickiness stage ", "stickiness multiverse ", "Times New Roman", "List Bullet")
    names += ("Source Han Sans SC", "PingFang SC", "Microsoft YaHei")
    assert not [t for t in found if not any(name in t for name in names)], "move them to reports/catalogue"


def test_every_step_and_unit_of_the_ledger_has_its_words() -> None:
    for language in LANGUAGES:
        texts = Texts(language)
        assert all(texts(f"ledger.{step}") for step in ledger.STEPS)
        assert all(texts(f"counted.{unit}") for unit in ledger.UNITS)
    with pytest.raises(ValueError, match="no step 'too shrt'"):
        ledger.Ledger().record("panel", "too shrt", remark("every_row"), 1, 1, remark("as_delivered"), "rows")  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_makes_a_solution_inadmissible_is_told_in_words(language: str) -> None:
    where = [remark("in_group", group="north")]
    heywood = remark("negative_residual_variance", item="a1", value=-0.254, where=where)
    told = Texts(language).remarks(packed([remark("improper_solution", reasons=[heywood, BEYOND])]))
    assert Texts(language).construct("trust") in told
    assert "−0.254" in told
    if language == "zh":
        assert set(re.findall("[A-Za-z]{2,}", told)) == {"Heywood", "north"}


def test_why_a_claim_cannot_be_tested_is_told_with_the_names_of_the_page() -> None:
    texts = Texts("zh")
    missing = [
        remark("estimate_of", term="value ~ trust"),
        remark("estimate_in", model="value_cross_lags", term="lag(trust)"),
    ]
    rejected = [remark("rejected_by", model="value_cross_lags", test="AR(2)", p=0.029)]
    assert (
        texts.remarks(packed([remark("not_measured", constructs=["trust_affective", "habit"])]))
        == "未测量：情感信任、习惯"
    )
    told = texts.remarks(packed([remark("incomplete", missing=missing), remark("instruments", tests=rejected)]))
    assert not re.search("lag\\(|cross_lags|trust", told)
    assert told.endswith("AR(2)，p = .029")


def test_every_definition_in_the_results_is_explained() -> None:
    known = definitions.definitions()
    quantities = [entry for table in vocabulary.tables().values() for entry in table.quantities.values()]
    written = {key for entry in quantities for key in entry.definitions}
    assert written <= set(known), f"add {sorted(written - set(known))} to reports/definitions.yaml"
    for entry in known.values():
        assert entry.name.keys() == entry.text.keys() == set(LANGUAGES)
    with pytest.raises(LookupError, match=r"no definition 'omega_3' in reports/definitions.yaml.*omega"):
        definitions.definition("omega_3")


@pytest.mark.parametrize(("agrees", "told"), [(1, "agrees on all"), (0, "disagrees")])
def test_a_second_program_that_differs_is_said_to_differ(agrees: int, told: str) -> None:
    rows = {"parameters": 45, "agrees": agrees, "largest_deviation_estimate": 1.0, "largest_relative_deviation_se": 2.0}
    table = pd.DataFrame({"quantity": list(rows), "estimate": list(rows.values()), "term": "a ~ b", "n": 361})
    report = SimpleNamespace(table=lambda name: table)
    assert told in structure.second_opinion(report, Texts("en"))
    assert ("不一致" in structure.second_opinion(report, Texts("zh"))) == (not agrees)


def test_numbers_look_as_in_a_paper() -> None:
    assert numbers.bounded(0.734) == ".73"
    assert numbers.bounded(-0.05) == "−.05"
    assert numbers.bounded(1.0) == "1.00"
    assert numbers.decimal(-0.001) == "0.00"
    assert numbers.decimal(12345.678) == "12,345.68"
    assert numbers.pvalue(0.0001) == "< .001"
    assert numbers.pvalue(0.0341) == ".034"
    assert numbers.equation("p", numbers.pvalue(0.0001)) == "p < .001"
    assert numbers.interval(-0.2, 0.4) == "[−0.20, 0.40]"
    assert numbers.interval(np.nan, 0.4) == ""
    assert numbers.tiny(8.04e-7).replace("\u00a0", " ") == "8.0 × 10⁻⁷"
    assert numbers.percent(0.123) == "12.3%"


def test_names_of_parameters_are_words() -> None:
    english, chinese = Texts("en"), Texts("zh")
    assert english.term("identification ~ value") == "value upgrading → emotional identification"
    assert english.term("lag(value)") == "value upgrading, one period earlier"
    assert chinese.term("lag(value)") == "上一期价值升维"
    product = "lag(trust):lag(value_social)"
    assert english.term(product) == "trust accumulation, one period earlier × social value, one period earlier"
    assert chinese.term("h3a") == "H3a：价值升维经由情感认同与粘性正相关"
    assert english.member("social + content − comprehensive") == "social + content − comprehensive"
    assert chinese.member("platform_type: social") == "社交型"


def test_remarks_of_a_stage_are_written_like_all_numbers() -> None:
    def said(key: str, language: str = "en", **values: object) -> str:
        return Texts(language).remarks(packed([remark(key, **values)])).replace("\u00a0", " ")

    assert said("no_next_period", n=15341) == "15,341 rows without a next period"
    assert said("slope_of_check", "zh", b=-0.0712) == "回归系数 −0.0712"
    assert said("negative_statistic", statistic=-29300.0).startswith("the statistic is negative (−2.9 × 10⁴)")
    assert said("slope_without", term="lag(value)", who="1064").endswith("without 1064")
    assert said("slope_without", term="lag(value)", who="Ann B").endswith("without Ann B")
    alone = said("one_row_each", "zh", entity="entity", effects=remark("effects_twoway"))
    assert alone == "每个用户只有一行；用户与时期双向效应需要重复观测"


def test_every_kind_of_remark_has_a_name_on_pages() -> None:
    assert {f"remark.{name}" for name in vocabulary.tables()["remarks"].quantities} <= set(catalogue("en"))


def steps_named() -> set[str]:
    """Steps that the code names where it lists or tries them; a variable name says a model, a group or itself."""
    found = set()
    paths = [path for folder in ("models", "pipeline/stages") for path in (ROOT / folder).rglob("*.py")]
    sources = {path: path.read_text(encoding="utf-8") for path in paths}
    for path in (path for path, source in sources.items() if "tried(" in source or "Piece(" in source):
        for call in ast.walk(ast.parse(sources[path])):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in ("Piece", "tried"):
                continue
            name, step, *_ = call.args
            if isinstance(name, ast.Constant):
                found.add(str(name.value))
                continue
            of_a_model = any(keyword.arg == "model" for keyword in call.keywords)
            assert of_a_model or getattr(step, "id", "") == "given", f"{path}, line {call.lineno}: a step without name"
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_without_a_result_is_named_on_the_page(language: str) -> None:
    names, texts = steps_named(), Texts(language)
    assert {"influential_people", "closed_loop", "cohort", "fit_cutoffs"} <= names
    for name in names:
        for term, model in ((f"step {name}", ""), (name, "mechanisms")):
            subject = structure._subject(SimpleNamespace(term=term, model=model, quantity="failed", group=""), texts)
            assert subject == texts(f"step.{name}")
    groups = {"platform_type": texts.group("platform_type"), "platform_type: social": texts.level("social")}
    for name, words in groups.items():
        assert structure._subject(SimpleNamespace(term=name, model="x", quantity="failed", group=""), texts) == words
