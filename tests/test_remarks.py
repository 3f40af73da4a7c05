"""Remarks: keys with values, worded in both languages, and the same after a trip through a table's cell."""

from __future__ import annotations

import ast
import pickle
from inspect import signature
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from models.analysis.rows import failed
from models.panel.errors import NotEstimableError, PanelError, ValuesError
from models.remarks import LANGUAGES, Caused, Remark, catalogue, kinds, packed, remark, unpacked
from models.remarks.said import KINDS
from models.remarks.words import fields
from models.results import long
from models.sem.errors import CategoryError, SemError
from pipeline.core import results, yaml_files
from reports.texts import Texts

ROOT = Path(__file__).parents[1]
EXAMPLES: dict[str, Any] = {
    "text": "Q7", "count": 1234, "number": 0.25, "decimal": 0.5, "given": 0.05, "p": 0.0312, "percent": 0.5,
    "word": "yes", "construct": "trust", "term": "stickiness ~ trust",
    "model": "mechanisms", "level": "social", "group": "platform_type", "member": "platform_type: social",
    "remark": Remark("as_said", {"text": "so"}),
}  # fmt: skip


def example(kind: str) -> Any:
    return EXAMPLES[kind] if kind in EXAMPLES else [EXAMPLES[kind.removesuffix("s")]] * 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_worded_in_every_language_with_the_same_fields(language: str) -> None:
    texts = Texts(language)
    for key, forms in catalogue().items():
        assert set(forms) == set(LANGUAGES), key
        assert fields(forms[language]) == kinds(key), key
        assert set(kinds(key).values()) <= set(KINDS), key
        said = Remark(key, {field: example(kind) for field, kind in kinds(key).items()})
        words = texts.remarks(packed([said]))
        assert words
        assert "{" not in words, key
        if language == "zh" and key != "as_said":
            assert any("\u4e00" <= sign <= "\u9fff" for sign in words), f"{key}: no Chinese in {words!r}"


def test_no_entry_of_a_catalogue_hides_another() -> None:
    for folder in ("reports/catalogue", "models/remarks/catalogue"):
        for path in (ROOT / folder).glob("*.yaml"):
            yaml_files.read(path)
    assert Texts("zh")("step.partial metric") == "部分度量等值"


def test_a_remark_comes_back_from_a_cell_as_it_was() -> None:
    inner = remark("as_said", text="so")
    assert unpacked(packed([inner, inner])) == [inner, inner]
    assert unpacked(packed([])) == []
    row = {"table": "remarks", "quantity": "failed", "note": "it failed"}
    for make in (lambda: results.table([pd.DataFrame([row])]), lambda: long.rows([row])):
        with pytest.raises(ValueError, match="'it failed' are words"):
            make()


def test_an_unknown_key_or_field_fails_where_it_is_written() -> None:
    with pytest.raises(KeyError, match="as_sed"):
        remark("as_sed", text="so")
    with pytest.raises(ValueError, match="fields"):
        remark("as_said", txt="so")


def test_every_key_that_the_code_names_is_in_the_catalogue_and_every_key_is_named() -> None:
    named = set()
    for folder in ("models", "pipeline", "reports"):
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            if "remark" in source:
                named |= {
                    n.value
                    for n in ast.walk(ast.parse(source))
                    if isinstance(n, ast.Constant) and n.value in catalogue()
                }
    assert set(catalogue()) <= named, f"nobody says {sorted(set(catalogue()) - named)}"


def test_an_error_that_the_data_cause_is_said_in_both_languages() -> None:
    """A text in place of a remark would reach a page in English; the type checker holds it, and a step fails on it."""
    assert issubclass(CategoryError, Caused)
    assert issubclass(NotEstimableError, Caused)
    assert signature(Caused).parameters["said"].annotation == "Remark"
    with pytest.raises(AssertionError, match="panel.yaml has no such entry"):
        failed(PanelError("panel.yaml has no such entry"))
    assert unpacked(failed(ValuesError(remark("no_spells")))["note"].iloc[0]) == [remark("no_spells")]


def test_a_remedy_follows_in_the_message_and_reaches_no_page() -> None:
    error = pickle.loads(pickle.dumps(SemError(remark("not_nested"), "Compare their BIC.")))
    assert str(error).startswith("The models are not nested: ")
    assert str(error).endswith(" implies. Compare their BIC.")
    assert error.remark == remark("not_nested")


def test_an_error_keeps_its_remark_on_its_way_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(SemError(remark("as_said", text="so"))))
    assert str(error) == "so"
    assert error.remark == remark("as_said", text="so")
