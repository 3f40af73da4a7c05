"""`stickiness new`: every export becomes a card that runs, guesses are said to be guesses, nobody can be recognised."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.cards import card as cards
from pipeline.core import declarations
from pipeline.core.errors import InputError
from pipeline.drafting import draft, missing_codes
from pipeline.drafting.formats import files
from pipeline.stages import acquire, clean
from tests import exports
from tests.conftest import ROOT, Project, message

NINES, SKIPPED = ((3, 9), (0, 3)), (((5,), (0,)), ((6, 7), (3,)))
Export = Callable[[Path], list[Path]]


def drafted(project: Project, export: Export) -> tuple[cards.Card, str]:
    """The card of an export and its text, tried as far as the clean answers."""
    arrived = project.folder / "arrived"
    arrived.mkdir()
    written = draft.write("mine", export(arrived), Path("data/mine"))
    card = cards.load(written.card)
    acquire.run("mine")
    clean.run("mine")
    return card, written.card.read_text(encoding="utf-8")


SURVEYS: dict[str, tuple[Export, dict[str, tuple], bool]] = {
    "qualtrics": (exports.qualtrics, {}, True),
    "wenjuanxing, both": (partial(exports.wenjuanxing, form="pair"), {"skipped": SKIPPED}, True),
    "wenjuanxing, by number": (partial(exports.wenjuanxing, form="number"), {"skipped": SKIPPED}, True),
    "wenjuanxing, by text": (partial(exports.wenjuanxing, form="text"), {"skipped": SKIPPED}, True),
    "csv, gb18030": (partial(exports.plain, encoding="gb18030", separator=","), {"nines": NINES}, True),
    "csv, decimal commas": (partial(exports.plain, encoding="utf-8", separator=";"), {"nines": NINES}, True),
    "spss": (partial(exports.labelled, ending=".sav"), {"nines": NINES}, True),
    "spss, compressed": (partial(exports.labelled, ending=".zsav"), {"nines": NINES}, True),
    "stata": (partial(exports.labelled, ending=".dta"), {"nines": NINES}, True),
    "r": (exports.r_file, {}, True),
    "r, a workspace": (partial(exports.r_file, ending=".rda"), {}, True),
    "qualtrics, a workbook": (exports.qualtrics_workbook, {}, True),
    "spss, portable": (partial(exports.bare, ending=".por"), {}, True),
    "sas, transport": (partial(exports.bare, ending=".xpt"), {}, True),
    "sas": (partial(exports.bare, ending=".sas7bdat"), {}, True),
    "excel, an old workbook": (partial(exports.bare, ending=".xls"), {}, True),
    "opendocument": (partial(exports.bare, ending=".ods"), {}, True),
    "parquet": (partial(exports.bare, ending=".parquet"), {}, True),
    "limesurvey": (partial(exports.form, program="limesurvey"), {}, False),
    "redcap": (partial(exports.form, program="redcap"), {}, False),
    "kobo": (partial(exports.form, program="kobo"), {}, False),
    "google": (partial(exports.form, program="google"), {}, False),
}


def expected(lacking: dict[str, tuple], previews: int) -> np.ndarray:
    """The answers that were given, the reversed question turned, and those that are none left out."""
    given = exports.answers().astype(float)
    given["JO3"] = 6 - given["JO3"]
    for kind in lacking.values():
        pairs = [kind] if isinstance(kind[1][0], int) else kind
        for rows, columns in pairs:
            for row in rows:
                given.iloc[row, list(columns)] = np.nan
    return given.to_numpy()[previews:]


@pytest.mark.parametrize("name", SURVEYS)
def test_an_export_becomes_a_card_that_runs(
    project: Project, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(declarations, "check", lambda: None)  # the theory is the same each time
    export, lacking, grouped = SURVEYS[name]
    card, text = drafted(project, export)
    assert cli.main(["check", "mine"]) == 0, capsys.readouterr().err
    assert len(card.items) == 6
    assert {(item.low, item.high) for item in card.items} == {(1, 5)}
    assert [item.reversed for item in card.items] == [False] * 5 + [True]
    assert "confirm it" in next(line for line in text.splitlines() if "reversed: true" in line)

    survey = pd.read_parquet("results/mine/clean/survey.parquet")
    found = survey[[item.name for item in card.items]].to_numpy()
    np.testing.assert_array_equal(found, expected(lacking, previews=int(name.startswith("qualtrics"))))
    assert bool(card.survey and "gender_group" in card.survey.groups) is grouped

    named = {item.construct for item in card.items} - {""}
    assert named <= {"trust", "value_emotional"}
    for construct in named:
        assert f"construct {construct}: a guess" in text

    raw = "".join(pd.read_parquet(path).to_csv() for path in Path("results/mine/raw").glob("*.parquet"))
    for trace in ("@example.org", "10.0.", "1380000", "广东"):
        assert trace not in raw
        assert trace not in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wenjuanxing, both", "stata"])
def test_an_export_goes_from_file_to_report_under_a_name_with_a_blank_and_chinese_letters(
    project: Project, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project.quick()
    for folder in ("models", "pipeline", "reports"):
        Path(folder).symlink_to(ROOT / folder)
    export, _, _ = SURVEYS[name]
    assert cli.main(["new", "我的 研究", *map(str, export(project.folder)), "--yes"]) == 0
    assert cli.main(["check", "我的 研究"]) == 0
    for stage in ("acquire", "clean", "measure", "structure", "panel", "judge", "page"):
        assert cli.main(["stage", stage, "我的 研究"]) == 0, capsys.readouterr().err
    for language in ("en", "zh"):
        page = Path(f"results/pages/我的 研究/{language}.html").read_text(encoding="utf-8")
        assert "我的 研究" in page
        assert "person1@example.org" not in page
    assert cli.main(["show", "我的 研究"]) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encoding_and_separator_are_found_by_looking(tmp_path: Path, encoding: str, separator: str) -> None:
    found = files.read(exports.plain(tmp_path, encoding, separator)[:1])
    assert found.frame["sex"].tolist() == exports.gender().tolist()
    stated = (found.entry or {}).get("encoding", "utf-8")
    assert stated == encoding.removesuffix("-sig")
    assert (found.entry or {}).get("decimal", ".") == ("," if separator == ";" else ".")


def test_wordings_in_english_and_chinese_name_the_construct(project: Project) -> None:
    card, text = drafted(project, partial(exports.wenjuanxing, form="pair"))
    assert list(card.codebook) == ["trust", "value_emotional"]
    assert card.survey
    assert card.survey.duration
    assert set(card.survey.groups["gender_group"].levels.values()) == {"male", "female"}
    option = next(group for group in card.survey.groups.values() if group.column == "2、您用过哪些平台：京东")
    assert option.levels == {"0": "未选", "1": "京东"}
    assert "several choices in one cell (┋) became 2 columns of 0 and 1" in text


def test_without_wordings_constructs_stay_open_and_the_models_say_so(project: Project) -> None:
    card, text = drafted(project, exports.r_file)
    assert not card.codebook
    assert text.count("construct left open") == 2
    with pytest.raises(InputError, match="no question has a construct yet"):
        _ = card.questionnaire


def test_neighbours_whose_wordings_turn_to_another_construct_are_two_blocks(project: Project) -> None:
    frame = exports.answers().set_axis([*exports.TRUST, *exports.JOY], axis=1)
    frame.to_csv("asked.csv", index=False)
    written = draft.write("asked", [Path("asked.csv")], Path("data/asked"))
    assert cards.load(written.card).codebook.keys() == {"trust", "value_emotional"}
    assert "by the name" not in written.card.read_text(encoding="utf-8")


def test_far_codes_are_said_with_their_rule_and_near_ones_are_answers(project: Project) -> None:
    card, text = drafted(project, partial(exports.plain, encoding="utf-8", separator=","))
    assert card.survey
    assert card.survey.missing_codes == (99,)
    assert "99  # far outside, all others lie from 1 to 5" in text
    assert missing_codes.numeric(pd.Series([1, 2, 3, 4, 5, 6, 7, 8, 9] * 4)) == {}
    assert missing_codes.numeric(pd.Series([18, 25, 40, 66, 99])) == {}


def test_refusals_are_missing_in_covariates_and_no_group(project: Project) -> None:
    frame = exports.answers().assign(income=["low", "high", "prefer not to say"] * (exports.N // 3))
    frame.to_csv("asked.csv", index=False)
    card = cards.load(draft.write("asked", [Path("asked.csv")], Path("data/asked")).card)
    assert card.survey
    assert card.survey.missing_codes == ("prefer not to say",)
    assert card.survey.groups["income_group"].levels["prefer not to say"] is None
    assert card.survey.controls["income"].kind == "category"


def test_a_file_that_needs_no_change_stays_the_source_and_another_is_named_with_its_checksum(project: Project) -> None:
    plain = project.folder / "answers.csv"
    exports.answers().to_csv(plain, index=False)
    written = draft.write("plain", [plain], Path("data/plain"))
    assert cards.load(written.card).raw["source"]["files"]["answers"]["path"] == "answers.csv"
    _, text = drafted(project, partial(exports.labelled, ending=".sav"))
    assert "answers.csv was made from answers.sav (sha256 " in text


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_log_becomes_a_panel(project: Project, ending: str) -> None:
    card, text = drafted(project, partial(exports.log, ending=ending))
    assert card.panel
    assert (card.panel.entity, card.panel.time.column, card.panel.period) == ("user_id", "event_time", "month")
    assert {"stickiness", "loyalty", "participation_passive"} <= set(card.panel.measures)
    assert text.count("a guess: ") == len(card.panel.measures)
    panel = pd.read_parquet("results/mine/clean/panel.parquet")
    assert panel["entity"].nunique() == 30
    assert "phone_no" not in pd.read_parquet(next(Path("results/mine/raw").glob("*.parquet"))).columns


def test_a_log_without_dates_is_known_by_its_gaps(project: Project) -> None:
    """Unless they tell no days: a gap that is missing later than at the first occasion is no log of gaps."""
    rows = [
        (user, visit, "" if visit == 1 else user % 5 + 3) for user in range(12) for visit in (1, 2, 3) for _ in "ab"
    ]
    lines = [f"{user},{visit},{gap}" for user, visit, gap in rows]
    table = "\n".join(["user_id,order_number,days_since_prior_order", *lines]) + "\n"
    Path("orders.csv").write_text(table, encoding="utf-8")
    drafted_card = draft.write("orders", [Path("orders.csv")], Path("data/orders")).card
    panel = cards.load(drafted_card).panel
    assert panel
    assert "entry" not in drafted_card.read_text(encoding="utf-8"), "no span that gaps cannot tell is offered"
    assert (panel.entity, panel.time.gap, panel.time.order) == ("user_id", "days_since_prior_order", "order_number")
    assert (panel.period, panel.span, list(panel.measures)) == ("week", "observed", ["stickiness"])
    Path("gone.csv").write_text(table.replace("7,3,5", "7,3,"), encoding="utf-8")
    with pytest.raises(InputError, match="days since the visit before"):
        draft.write("gone", [Path("gone.csv")], Path("data/gone"))


def test_what_is_no_survey_and_no_log_is_refused_with_what_was_looked_for(project: Project) -> None:
    (project.folder / "list.csv").write_text("word,meaning\na,b\nc,d\n", encoding="utf-8")
    with pytest.raises(InputError, match="two questions or more on one scale, or a log"):
        draft.write("list", [Path("list.csv")], Path("data/list"))
    posts = "".join(f"{1 + n % 3}_{n},2026-01-{1 + n % 28:02d},{n}\n" for n in range(40))
    (project.folder / "posts.csv").write_text(f"post,published,likes\n{posts}", encoding="utf-8")
    with pytest.raises(
        InputError, match="times in published, but no column of users.*post begins with one of 3"
    ) as refused:
        draft.write("posts", [Path("posts.csv")], Path("data/posts"))
    assert 'panel.columns: {user: {from: post, pattern: "^([^_]+)_"}}' in message(refused)
    (project.folder / "broken.sav").write_bytes(b"no file of SPSS")
    with pytest.raises(InputError, match=r"broken\.sav"):
        draft.write("broken", [Path("broken.sav")], Path("data/broken"))
    Path("empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="nothing in the file"):
        draft.write("empty", [Path("empty.csv")], Path("data/empty"))
    assert not Path("data/list").exists()
    assert not Path("data/broken").exists()


def test_the_command_says_what_it_assumed_and_tries_the_card(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    files = exports.qualtrics(project.folder)
    assert cli.main(["new", "mine", *map(str, files), "--yes"]) == 0
    said = capsys.readouterr().out
    assert "1 rows are previews or tests (Status) and were left out" in said
    assert "left out RecipientEmail" in said
    assert "47 rows are read, 47 people stay" in said
    assert cards.load(Path("data/mine/card.yaml")).raw["caution"][0]["zh"].startswith("问卷预览")
    assert cli.main(["new", "mine", *map(str, files), "--yes"]) == 2
    assert "a card of this name" in capsys.readouterr().err
    assert cli.main(["new", "My-Study", str(files[0]), "--yes"]) == 2
    assert "such as my_study" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".xls", ".sas7bdat"])
def test_a_file_that_another_program_wrote_is_drafted_and_tried(
    project: Project, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", "mine", *map(str, exports.bare(project.folder, ending)), "--yes"]) == 0
    assert f"{exports.N} rows are read, {exports.N} people stay" in capsys.readouterr().out


def test_a_draft_says_its_rules_in_chinese_where_the_reader_reads_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STICKINESS_LANG", "zh")
    assert cli.main(["new", "我的 研究", *map(str, exports.qualtrics(project.folder)), "--yes"]) == 0
    text = Path("data/我的 研究/card.yaml").read_text(encoding="utf-8")
    comments = [line.partition("# ")[2] for line in text.splitlines() if "# " in line and "$schema" not in line]
    comments += [line for line in capsys.readouterr().out.splitlines() if line.startswith("  - ")]
    assert len(comments) > 20
    assert [line for line in comments if not re.search("[\u4e00-\u9fff]", line)] == []
    assert "范围 1 至 5：取值标签" in comments
    assert cards.load(Path("data/我的 研究/card.yaml")).items


def test_the_dialogue_asks_for_what_stayed_open(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter(["trustt", "trust", "", "vertical"])
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or next(said))
    assert cli.main(["new", "mine", str(exports.r_file(project.folder)[0])]) == 0
    card = cards.load(Path("data/mine/card.yaml"))
    assert [item.construct for item in card.items] == ["trust"] * 3 + [""] * 3
    assert len(asked) == 4
    assert card.survey
    assert card.survey.groups["platform_type"].constant == "vertical"


def test_the_end_of_the_input_leaves_what_follows_open(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter(["trust"])

    def answer(question: str) -> str:
        for known in said:
            return known
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    assert cli.main(["new", "mine", str(exports.r_file(project.folder)[0])]) == 0
    card = cards.load(Path("data/mine/card.yaml"))
    assert [item.construct for item in card.items] == ["trust"] * 3 + [""] * 3


@pytest.mark.parametrize(("column", "first"), [("birth_year", 1960), ("age", 18)])
def test_years_of_birth_and_ages_give_the_generation(project: Project, column: str, first: int) -> None:
    frame = exports.answers().assign(StartDate="2026-01-02 10:00:00")
    frame[column] = [first + n for n in range(exports.N)]
    frame.to_csv("asked.csv", index=False)
    card = cards.load(draft.write("asked", [Path("asked.csv")], Path("data/asked")).card)
    assert card.survey
    levels = card.survey.groups["generation"].levels
    young, old = ("1997", "1996") if column == "birth_year" else ("29", "30")
    assert (levels[young], levels[old]) == ("gen_z", "older")


def test_of_several_sheets_the_named_one_is_read(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("xlsxwriter")
    with pd.ExcelWriter("book.xlsx", engine="xlsxwriter") as book:
        exports.answers().to_excel(book, sheet_name="Answers", index=False)
        pd.concat([exports.answers()] * 2).to_excel(book, sheet_name="Older", index=False)
    command = ["new", "mine", "book.xlsx", "--yes"]
    assert cli.main([*command, "--sheet", "Answer"]) == 2
    assert "did you mean 'Answers'?" in capsys.readouterr().err
    assert cli.main([*command, "--sheet", "Answers"]) == 0
    said = capsys.readouterr().out
    assert "sheet 'Answers', as named; not read: Older" in said
    assert f"Tried: {exports.N} rows are read" in said
