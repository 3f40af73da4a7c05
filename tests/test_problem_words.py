"""Problems with the input are told in Chinese too: every form has its words, with the same fields."""

from __future__ import annotations

import ast
import pickle
import re
import string

import pytest

from pipeline import cli
from pipeline.core.errors import InputError, Problem, near, worded
from pipeline.wording import problems, translation
from pipeline.wording.words import VARIABLE
from tests.conftest import ROOT, Project


def fields(form: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, kind) for _, name, spec, kind in string.Formatter().parse(form) if name is not None}


def constants() -> tuple[set[str], set[str]]:
    """Every text of the pipeline's code, and the forms that are given values."""
    texts, forms = set(), set()
    for path in (ROOT / "pipeline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "worded":
                forms |= {form.value for form in node.args[:1] if isinstance(form, ast.Constant)}
    return texts, forms


def test_every_form_is_worded_in_chinese_with_the_same_fields_and_no_words_are_left_over() -> None:
    texts, forms = constants()
    chinese = translation.forms()
    assert forms <= set(chinese)
    assert set(chinese) <= texts
    for form, words in chinese.items():
        assert form not in forms or fields(words) == fields(form), form
        bare = re.sub(r"\{[^}]*\}", "", form)
        assert re.search("[\u4e00-\u9fff]", words) or not re.search(
            "[a-z]{3}", re.sub(r"sha256|survey\.items", "", bare)
        ), form


def test_a_problem_is_told_in_the_readers_language_with_what_its_values_say(monkeypatch: pytest.MonkeyPatch) -> None:
    found = worded("unknown construct {name!r}", name="trustt")
    one = Problem(
        "card.yaml", found, "a construct of models/theory/constructs.yaml", near("trustt", ["trust", "habit"])
    )
    again = pickle.loads(pickle.dumps(InputError(one).problems[0]))
    monkeypatch.setenv(VARIABLE, "en")
    assert problems.told(again).splitlines()[1].endswith("unknown construct 'trustt'")
    monkeypatch.setenv(VARIABLE, "zh")
    assert problems.told(again).splitlines() == [
        "card.yaml",
        "    实际：未知的构念 'trustt'",
        "    应为：models/theory/constructs.yaml 中的构念",
        "    解决：是否指 'trust'？",
    ]


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
