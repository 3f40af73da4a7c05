"""What the command line says: every text in both languages, results and verdicts told without opening a page."""

from __future__ import annotations

import argparse
import ast
import string
from pathlib import Path

import pytest
import yaml

from pipeline import cli
from pipeline.core import params
from pipeline.running import enlisting, progress
from pipeline.verbs import completion, rule_words
from pipeline.wording import arguments, columns, forms, words
from reports.named import EXHIBITS
from tests.conftest import ROOT, Project, in_chinese, survey_card
from tests.report_results import data_set
from tests.test_words import texts_in

SPEAKING = [ROOT / "pipeline/cli.py", *sorted((ROOT / "pipeline/verbs").glob("*.py"))]
# Errors of who wrote the parser, which no user of it sees.
OF_PROGRAMMERS = ("invalid argument for positionals", "not callable", "__call__", "with mode", "cannot ", "conflicting")
OF_PROGRAMMERS += ("dest= is", "conflict_resolution", "invalid option string", "must be optional")


def calls(path: Path) -> list[tuple[str, set[str]]]:
    """Keys, or their beginning, of each text that a module says, with the fields that it gives."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("said", "worded") and node.args:
            first = node.args[0]
            for part in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
                start = part.values[0] if isinstance(part, ast.JoinedStr) else part
                if isinstance(start, ast.Constant):
                    whole = "" if part is start else "*"
                    found.append((start.value + whole, {str(keyword.arg) for keyword in node.keywords}))
    return found


def fields(form: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(form) if name}


def test_every_text_stands_in_both_languages_with_the_fields_that_it_is_given() -> None:
    catalogue, used = forms.catalogue() | forms.rooms(), {"as_is"}
    for key, entry in catalogue.items():
        assert set(entry) == set(words.LANGUAGES), key
        assert fields(entry["en"]) == fields(entry["zh"]), key
    for path in (ROOT / "pipeline").rglob("*.py"):
        for key, given in calls(path):
            named = [name for name in catalogue if name.startswith(key[:-1])] if key.endswith("*") else [key]
            assert named, f"{path}: {key}"
            used |= set(named)
            for name in named:
                assert fields(catalogue[name]["en"]) <= given or "None" in given, f"{path}: {key}"
    assert used | set(progress.STATES.values()) >= {key for key in catalogue if not key.startswith("rule_")}


def test_no_text_of_the_command_line_stands_in_the_code() -> None:
    shown = [text for path in SPEAKING if path.name != "completion.py" for text in texts_in(path)]
    assert not [text for text in shown if "stickiness " not in text]


def test_the_words_of_argparse_are_translated_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = ast.parse(Path(argparse.__file__).read_text(encoding="utf-8"))
    asked = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") in ("_", "ngettext")]
    own = {a.value for n in asked for a in n.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    assert not {m for m in own if not any(part in m for part in OF_PROGRAMMERS)} - set(arguments.words())
    monkeypatch.setenv(words.VARIABLE, "zh")
    with pytest.raises(SystemExit) as stopped:
        cli.main(["chek"])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("用法：")
    assert "没有 'chek'" in said


def test_the_language_is_that_of_the_reader(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(words.VARIABLE)
    for variable in words.SYSTEM:
        monkeypatch.delenv(variable, raising=False)
    assert words.language() == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert words.language() == "zh"
    monkeypatch.setenv(words.VARIABLE, "fr")
    assert cli.main(["list"]) == 2
    assert "STICKINESS_LANG" in capsys.readouterr().err


def survey_of(rows: list[list[int]]) -> str:
    return "platform,A1,A2,B1,B2\n" + "".join(f"tmall,{','.join(map(str, row))}\n" for row in rows)


def test_check_with_a_name_tries_the_card_and_says_what_it_makes_testable(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.survey("poll", survey_of([[1 + n % 5, 5 - n % 5, 1 + n % 3, 1 + n % 3] for n in range(30)]))
    assert cli.main(["check", "poll"]) == 0
    said = capsys.readouterr().out
    assert "table: table.csv, 30 rows" in said
    assert said.count("runs against its scale") == 2, "A1 and A2 run against each other"
    assert "the range may be wrong: 50% of it is unused" in said, "B1 and B2 end at 3 of 5"
    assert "+ H1a" in said
    assert "– H1b   not measured: trust accumulation" in said
    assert "generation, which is not on the card: H11" in said
    assert "trust accumulation would open 2 more: H1b, H5a" in said
    assert not (project.folder / "results").exists()


def test_check_explains_problems_one_by_one(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.survey("poll", survey_of([[1, 2, 9, 4], [1, 2, 3, 8]]))
    assert cli.main(["check", "poll"]) == 2
    said = capsys.readouterr().err
    assert "problem 1 of 2" in said
    assert "table.csv, row 2, column B1" in said
    assert "problem 2 of 2" in said
    assert "mend it, then: stickiness check poll" in said


def test_results_are_told_in_the_terminal(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = {"table": "paths", "model": "mechanisms", "sample": "survey", "group": "", "decides": True}
    row = shared | {"term": "identification ~ value", "quantity": "estimate", "hypothesis": "H1a", "estimate": 0.4}
    row |= {"se": 0.1, "pvalue": 0.0001, "ci_lower": 0.2, "ci_upper": 0.6, "n": 400}
    shared = {"table": "exposure", "sample": "survey", "hypothesis": "H1a", "quantity": "exposed", "decides": False}
    threats = [shared | {"term": "one_source", "estimate": 1}, shared | {"term": "reversed_order", "estimate": None}]
    data_set(project, "demo", ("survey",), [row, *threats])
    assert cli.main(["list"]) == 0
    assert "finished, not in params.yaml" in capsys.readouterr().out
    assert cli.main(["show", "demo"]) == 0
    said = capsys.readouterr().out
    assert "● supported" in said
    assert "<" not in said.replace("< .001", "")
    assert cli.main(["explain", "demo", "h1a"]) == 0
    said = capsys.readouterr().out
    assert "the estimate is above zero: two-sided test at 0.05" in said
    assert "value upgrading → emotional identification" in said
    assert "p < .001 → < .001" in said.replace("\u00a0", " ")
    assert "smallest that matters ± 0.1 (Funder & Ozer, 2019)" in said
    assert "the data speak for it     a common method" in said
    assert "not examined              reversed order" in said
    monkeypatch.setenv(words.VARIABLE, "zh")
    assert cli.main(["explain", "demo", "H4a"]) == 0
    said = capsys.readouterr().out
    assert "链条的每一段都大于零" in said
    assert "未测量：参与深化" in said
    assert cli.main(["explain", "demo", "H99"]) == 2
    assert cli.main(["show", "demo", "pathz"]) == 2
    assert "'paths'" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_card_in_chinese_alone_is_listed_tried_and_shown_in_both_languages(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    monkeypatch.setenv(words.VARIABLE, language)
    data_set(project, "demo", ("survey",), [])
    card = in_chinese(survey_card("demo")) | {"title": {"zh": "问卷"}, "caution": [{"zh": "谨慎阅读。"}]}
    card["source"] |= {"licence": {"zh": "仅供研究"}, "official": {"zh": "某档案馆"}}
    card["proxies"] = {"identification": {"zh": "只有两题"}}
    project._with_file("demo", survey_of([[1 + n % 5, 1 + n % 5, 1 + n % 3, 1 + n % 3] for n in range(30)]), card)
    assert cli.main(["list"]) == 0
    assert "仅供研究" in capsys.readouterr().out
    assert cli.main(["check", "demo"]) == 0
    for exhibit in ("facts", "proxies"):
        assert cli.main(["show", "demo", exhibit]) == 0
    said = capsys.readouterr().out
    assert "某档案馆" in said
    assert "只有两题" in said


def test_every_rule_of_the_theory_has_words() -> None:
    from models import theory

    used = {rule_words.key(getattr(one, kind)) for one in theory.hypotheses().values() for kind in ("survey", "panel")}
    assert used <= set(forms.catalogue())


def test_every_exhibit_of_the_page_can_be_shown() -> None:
    page = ast.parse((ROOT / "reports/notebooks/data_set.py").read_text(encoding="utf-8"))
    listed = ast.parse((ROOT / "reports/named.py").read_text(encoding="utf-8"))

    def made(tree: ast.AST) -> set[str]:
        nodes = [
            node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        ]
        return {f"{node.value.id}.{node.attr}" for node in nodes if isinstance(node.value, ast.Name)}

    rooms = {name.partition(".")[0] for name in made(listed)}
    shown = {name for name in made(page) if name.partition(".")[0] in rooms}
    assert shown - made(listed) == {"provenance.exhibits"}, "the map of exhibits is about a whole page"


@pytest.mark.parametrize(
    "before",
    ["data_sets: []  # none\nseed: 1\n", "data_sets: [a, b]\n", "# why\ndata_sets:\n  - a\n  - b  # off\n\nseed: 1\n"],
)
def test_a_name_is_added_to_the_list_and_nothing_else_changes(project: Project, before: str) -> None:
    params.FILE.write_text(before, encoding="utf-8")
    enlisting.add("my_study")
    enlisting.add("第二 波")
    after = params.FILE.read_text(encoding="utf-8")
    was = yaml.safe_load(before)
    assert yaml.safe_load(after) == was | {"data_sets": [*was["data_sets"], "my_study", "第二 波"]}
    assert after.count("#") == before.count("#")


def test_a_name_with_blanks_reaches_its_stage_as_one_word() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    commands = {name: entry["cmd"] for name, entry in stages.items() if "matrix" in entry}
    assert commands == {name: f'stickiness stage {name} "${{item.set}}"' for name in commands}


def test_a_shell_is_offered_what_may_follow(project: Project) -> None:
    project.survey("poll", survey_of([[1, 2, 3, 4]]))
    assert "explain" in completion.offered([])
    assert completion.offered(["explain"])[0] == "poll"
    assert "H3a" in completion.offered(["explain", "poll"])
    assert set(EXHIBITS) < set(completion.offered(["show", "poll"]))
    assert "--quick" in completion.offered(["run", "poll"])


def test_chinese_letters_take_two_places() -> None:
    assert columns.aligned(["构念", "n"], [["信任", "1"], ["trust", "22"]], right=[1])[2:] == ["信任    1", "trust  22"]
    assert columns.short("情感认同", 5) == "情感…"
