"""Problems with the input, and guesses of drafts, are keys with values: each has its words in both languages."""

from __future__ import annotations

import ast
import json
import pickle
import re
import string
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest

from models.measurement.planning import power as planning
from models.remarks import remark
from pipeline import cli
from pipeline.cards import parts
from pipeline.core import blocks, ledger, paths, problems
from pipeline.core.errors import InputError, Problem, near
from pipeline.drafting import demographics
from pipeline.reading import durations
from pipeline.wording import forms
from pipeline.wording.texts import as_is, worded
from pipeline.wording.words import VARIABLE, translated
from tests.conftest import ROOT, Project

# Terms that have one name in every language.
SAME = r"sha256|survey\.items|\btrue\b|\bfalse\b"


def fields(form: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, kind) for _, name, spec, kind in string.Formatter().parse(form) if name is not None}


def test_both_languages_say_it_with_the_same_values_and_the_chinese_words_are_chinese() -> None:
    for key, entry in forms.rooms().items():
        assert fields(entry["zh"]) == fields(entry["en"]), key
        words = re.sub(r"\{[^}]*\}", "", re.sub(SAME, "", entry["en"]))
        assert re.search("[\u4e00-\u9fff]", entry["zh"]) or not re.search("[a-z]{3}", words), key
    assert not set(forms.rooms()) & set(forms.catalogue())
    texts = [entry["en"] for key, entry in forms.rooms().items() if not key.startswith(("step_", "unit_"))]
    assert len(texts) == len(set(texts)), "the same text has the same key"


def test_what_is_named_by_its_own_word_has_words() -> None:
    families = {
        "step_": ledger.STEPS,
        "unit_": ledger.UNITS,
        "asked_": demographics.KINDS,
        "time_unit_": durations._PER_UNIT,
        "calendar_": get_args(get_type_hints(parts.Panel)["period"]),
    }
    assert {f"{start}{name}" for start, names in families.items() for name in names} <= set(forms.rooms())


def test_no_text_of_a_problem_stands_in_the_code() -> None:
    """The type checker refuses a bare text in a problem; what is said as it is must be no sentence."""
    for path in (ROOT / "pipeline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "as_is":
                said = " ".join(str(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant))
                assert not re.search("[a-z]{3,} [a-z]{2,} [a-z]{2,}", said) or "stickiness" in said, f"{path}: {said}"


def test_a_problem_is_told_in_the_readers_language_with_what_its_values_say(monkeypatch: pytest.MonkeyPatch) -> None:
    found = worded("unknown_construct", name="trustt")
    one = Problem("card.yaml", found, worded("construct_of_the_theory"), near("trustt", ["trust", "habit"]))
    again = pickle.loads(pickle.dumps(InputError(one).problems[0]))
    monkeypatch.setenv(VARIABLE, "en")
    assert problems.told(again) == str(one)
    assert problems.told(again).splitlines()[1].endswith("unknown construct 'trustt'")
    monkeypatch.setenv(VARIABLE, "zh")
    assert problems.told(again).splitlines() == [
        "card.yaml",
        "    实际：未知的构念 'trustt'",
        "    应为：models/theory/constructs.yaml 中的构念",
        "    解决：是否指 'trust'？",
    ]
    assert str(one).splitlines()[1].endswith("unknown construct 'trustt'"), "an error is English where nobody words it"
    assert translated(as_is(7)) == "7"


OTHERS = {"description", "zh", "type", "enum", "required", "properties", "additionalProperties", "items", "$ref"}


def entries(node: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from entries(inner)


def test_what_a_schema_expects_stands_in_it_in_both_languages() -> None:
    schemas = (blocks.SCHEMA, ROOT / paths.SCHEMA)
    of_params, of_cards = (json.loads(path.read_text(encoding="utf-8")) for path in schemas)
    told = [entry for entry in entries(of_params) if isinstance(entry.get("description"), str)]
    told += [e for e in entries(of_cards) if isinstance(e.get("description"), str) and set(e) - OTHERS]
    assert len(told) > 70
    assert not [entry["description"] for entry in told if not re.search("[\u4e00-\u9fff]", entry.get("zh", ""))]


def test_the_errors_of_models_and_texts_of_cards_are_told_in_the_readers_language() -> None:
    error = planning.PowerError(remark("loading_beyond", loading=1.2))
    assert as_is(error).told("en") == str(error)
    assert as_is(error).told("zh").startswith("载荷为 1.2；")
    official = {"en": "the archive", "zh": "档案馆"}
    assert worded("get_it_from", official=official).told("zh") == "请从 档案馆 获取"


def test_words_are_read_only_when_something_is_said() -> None:
    forms.rooms.cache_clear()
    quiet = near("trustt", ["trust", "habit"]), worded("no_such_file")
    assert forms.rooms.cache_info().currsize == 0
    assert str(quiet[0]) == "did you mean 'trust'?"
    assert forms.rooms.cache_info().currsize == 1


MISTAKES = {
    "a typing error": ("A1,A2,B1,B2,platform\n1,2,3,4,tmall\n", {"titel": "x"}),
    "an answer out of range": ("A1,A2,B1,B2,platform\n1,2,3,4,tmall\n9,2,3,4,notes\n", {}),
    "a label": ("A1,A2,B1,B2,platform\n同意,2,3,4,tmall\n", {}),
    "a column that is not there": ("A1,A2,B1,platform\n1,2,3,tmall\n", {}),
    "another separator": ("A1;A2;B1;B2;platform\n1;2;3;4;tmall\n", {}),
    "an unknown group": ("A1,A2,B1,B2,platform\n1,2,3,4,tmal\n", {}),
    "no rows": ("A1,A2,B1,B2,platform\n", {}),
    "nobody left": ("A1,A2,B1,B2,platform\n,,,,tmall\n", {}),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_people_get_wrong_most_is_told_in_chinese(
    mistake: str, project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table, changed = MISTAKES[mistake]
    project.survey("mine", table, **changed)
    monkeypatch.setenv(VARIABLE, "zh")
    assert cli.main(["check", "mine"]) == 2
    told = capsys.readouterr()
    lines = [line for line in (told.out + told.err).splitlines() if re.match(r"\s+(实际|应为|解决)：", line)]
    assert len(lines) >= 3, told
    for line in lines:
        assert not re.search("[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", line.replace("the official archive", "")), line
