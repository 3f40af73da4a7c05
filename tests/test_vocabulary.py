"""The long table says only what its vocabulary declares, and no decision rests on a remark."""

from __future__ import annotations

import ast
import re

import pandas as pd
import pytest

from models import evidence, results, specs, theory
from models.evidence import with_links
from models.results.vocabulary import words
from models.specs import threat_check, threat_claims
from tests.conftest import ROOT
from tests.test_verdicts import EVERYTHING

PATH = {"table": "paths", "term": "stickiness ~ trust", "quantity": "estimate", "definition": "wald"}
PRODUCERS = (
    "models/analysis",
    "models/survey",
    "models/behaviour",
    "models/evidence",
    "models/across",
    "pipeline/stages",
)


@pytest.mark.parametrize(
    ("column", "wrong", "near"),
    [("table", "pahts", "paths"), ("quantity", "estimat", "estimate"), ("definition", "wal", "wald")],
)
def test_an_unknown_name_fails_where_it_is_written(column: str, wrong: str, near: str) -> None:
    with pytest.raises(results.UnknownName, match=rf"'{wrong}' is not in models/results/tables.yaml.*{near}"):
        results.rows([PATH | {column: wrong}])


def test_an_unknown_column_fails_where_it_is_written() -> None:
    with pytest.raises(results.UnknownName, match=r"column 'estimat'.*estimate"):
        results.rows([PATH], estimat=0.4)


def test_a_quantity_that_may_not_decide_cannot_be_made_to() -> None:
    with pytest.raises(ValueError, match=r"paths std_all: .* does not let it decide"):
        results.rows([PATH | {"quantity": "std_all", "definition": "std_all", "decides": True}])
    kept = results.whole(
        results.rows([PATH | {"hypothesis": "H2"}, PATH, PATH | {"hypothesis": "H2", "decides": False}])
    )
    assert kept["decides"].tolist() == [True, False, False]


def test_a_quantity_brings_its_definition_along() -> None:
    assert results.rows([{"table": "reliability", "quantity": "alpha"}])["definition"].tolist() == ["alpha"]


def test_every_word_is_worded_in_both_languages_and_used() -> None:
    source = (ROOT / "models/results/tables.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"[\w]+", source))
    for kind, entries in words().items():
        for name, text in entries.items():
            assert {"en", "zh"} <= set(text), name
            assert kind == "columns" or name in used, f"{kind}: {name}"
    for name, table in results.tables().items():
        for text in (table.text, *(entry.text for entry in table.quantities.values())):
            assert set(text) == {"en", "zh"}, name
            assert all(text.values()), name


def test_the_codebook_has_a_line_for_every_column_table_and_quantity() -> None:
    book = results.codebook([("paths", "estimate"), ("closed_loop", "raw")])
    assert book.loc[book["table"] == "", "column"].tolist() == results.COLUMNS
    told = book[(book["column"] == "quantity") & (book["table"] != "")].set_index(["table", "value"])
    assert told["decides"].to_dict() == {("paths", "estimate"): True, ("closed_loop", "raw"): True}
    assert told.loc[("paths", "estimate"), "definitions"] == "wald product_indicators"
    every = results.codebook()
    assert len(every[every["column"] == "quantity"]) == 1 + sum(len(t.quantities) for t in results.tables().values())


def test_tables_are_those_that_the_code_names() -> None:
    named, literals = set(), set()
    for folder in PRODUCERS:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    literals.add(node.value)
                pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
                named |= {v.value for k, v in pairs if _is(k, "table") and isinstance(v, ast.Constant)}
    assert named <= set(results.tables())
    assert set(results.tables()) <= literals


def test_what_the_vocabulary_says_of_rows_holds_in_published_ones() -> None:
    """Samples, p-values, intervals and hypotheses: a threat that asks for them is refused where there are none."""
    columns = {"pvalue": "tested", "ci_upper": "bounded", "hypothesis": "claims"}
    read = ["table", "quantity", "sample", "model", *columns]
    rows = pd.concat(pd.read_csv(path, usecols=read) for path in (ROOT / "published").glob("*/results.csv"))
    for name, own in rows[rows["table"] != "exposure"].groupby("table"):
        table = results.tables()[name]
        assert set(own["sample"].dropna()) == set(table.samples), name
        there = set(own["quantity"])
        for column, entry in columns.items():
            having = set(own.loc[own[column].notna(), "quantity"])
            assert having == there & set(getattr(table, entry)), (name, entry)
        if name in threat_claims.OF_ESTIMATOR:
            models = set(own["model"].str.removesuffix("_iv"))
            assert {specs.panel_specs()[model].estimator for model in models} == {threat_claims.OF_ESTIMATOR[name]}


def test_what_threats_are_held_to_are_tables_and_what_these_hold() -> None:
    of = threat_claims
    named = {*of.OF_ESTIMATOR, *of.OF_LOOP, *of.OF_PRODUCTS, *of.WITHOUT_PRODUCTS, *threat_check.TERMS}
    assert named <= set(results.tables())
    held = {word for columns in of.HELD.values() for meanings in columns.values() for word in meanings}
    assert held | set(threat_check.GROUPS) <= {"", *words()["meanings"]}
    assert set(threat_check.LARGEST) <= set(words()["units"])


def _is(node: ast.expr | None, name: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == name


def links(fits: bool, note: str) -> pd.DataFrame:
    """Both links of H5a by the within-person model (p = .001) and by GMM (p = .3)."""
    test = theory.hypotheses()["H5a"].panel
    within = {"table": "closed_loop", "model": "closed_loop", "pvalue": 0.001, "decides": fits, "note": note}
    dynamic = {"table": "slopes", "definition": "difference_gmm", "pvalue": 0.3}
    entries = [within | {"term": term} for term in test.within]
    entries += [dynamic | {"model": link.spec, "term": link.term} for link in test.links]
    common = {"group": "all", "quantity": "raw", "estimate": 0.1, "n": 900, "sample": "panel"}
    return results.whole(results.rows(entries, hypothesis="", **common))


@pytest.mark.parametrize("note", ["", '[["as_said", {"text": "errors robust to non-normality"}]]'])
@pytest.mark.parametrize(("fits", "pvalue"), [(True, 0.001), (False, 0.3)])
def test_a_remark_does_not_move_a_decision(fits: bool, pvalue: float, note: str) -> None:
    """Which model decides H5a depends on whether the within-person model fits, not on what is said about it."""
    linked = with_links(links(fits, note))
    assert (linked["decides"] == linked["hypothesis"].ne("")).all()
    found = evidence.verdicts(linked, EVERYTHING).set_index(["hypothesis", "kind"]).loc[("H5a", "panel")]
    assert found["pvalue"] == pvalue
    assert (found["model"] == "closed_loop") == fits
