"""Tables: the style of a journal, what notes say, the order of groups, columns without content."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup

from models import specs
from models.remarks import packed, remark
from pipeline.cards.parts import Group
from reports import reading, style
from reports.exhibits import Band, Table, table_html
from reports.tables import effects, group_comparison, invariance, measurement, panel, regressions, verdicts
from reports.texts import LANGUAGES, Texts, catalogue
from tests.conftest import Project
from tests.pages_read import Page
from tests.report_results import data_set, verdict_rows
from tests.result_rows import (
    panel_rows,
    scale_rows,
    survey_rows,
)


@pytest.mark.parametrize(
    ("asked", "cell", "said"),
    [({"style": "apa"}, "0.012<br><small>(0.010)</small><br><small>[", "No stars"),
     ({"style": "glsj"}, '0.012<span class="stars">*</span><br><small>(0.010)</small>', 
      "* p < .10, ** p < .05, *** p < .01"),
     ({"style": "misq", "stars": [], "digits": 2}, "0.012<br><small>(0.010)</small><br><small>p = .07", "p. No")],
)  # fmt: skip
def test_a_table_is_printed_in_the_style_of_a_journal(project: Project, asked: dict, cell: str, said: str) -> None:
    rows = [row for row in panel_rows() if not (row["table"] == "slopes" and row["group"] != "all")]
    for row in rows:
        row |= {"pvalue": 0.07, "se": 0.01} if row["table"] == "slopes" else {}
    data_set(project, "styled", ("panel",), rows)
    project.parameters(report={"style": "", "stars": None, "digits": None, "intervals": None} | asked)
    table = regressions.regressions(reading.read("styled"), Texts("en"))[0]
    assert str(table.rows[0][1]).startswith(cell)
    assert said in " ".join(table.notes)


@pytest.mark.parametrize(
    ("asked", "cell"),
    [("apa", "0.012<br><small>[−0.008, 0.032]</small><br><small>p = .07"),
     ("glsj", '0.012<span class="stars">*</span><br><small>(0.010)</small>')],
)  # fmt: skip
def test_the_table_of_a_model_is_printed_in_the_same_style(project: Project, asked: str, cell: str) -> None:
    rows = panel_rows()
    for row in rows:
        if row["table"] == "slopes":
            row |= {"pvalue": 0.07, "se": 0.01, "estimate": 0.012, "ci_lower": -0.008, "ci_upper": 0.032}
    data_set(project, "styled", ("panel",), rows)
    report = replace(reading.read("styled"), style=style.JOURNALS[asked])
    table = next(one for one in panel.slopes(report, Texts("en")) if isinstance(one, Table))
    assert str(table.rows[0][1]).startswith(cell)
    assert ("* p < .10" in " ".join(table.notes)) == (asked == "glsj")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_specification_is_called_as_it_is_declared(
    project: Project, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """A new one needs no words but those of its declaration, with instruments neither."""
    label = {"en": "Habit next period", "zh": "下期习惯"}
    declared = specs.panel_specs()
    new = {"habit_next": replace(declared["identification_next"], label=label)}
    monkeypatch.setattr(specs, "panel_specs", lambda: declared | new)
    data_set(
        project, "new", ("panel",), [row | {"model": "habit_next"} for row in panel_rows() if row["table"] == "slopes"]
    )
    texts = Texts(language)
    exhibits = panel.slopes(reading.read("new"), texts)
    assert len(exhibits) == 2
    assert all(label[language] in one.caption for one in exhibits)
    assert label[language] in texts.model("habit_next_iv") != texts.model("habit_next")
    assert not [name for name in declared if f"model.{name}" in catalogue(language)]


def test_intervals_from_refits_without_a_solution_are_grey(project: Project) -> None:
    rows, counts = survey_rows(), {"draws": 5000, "failed": 326, "inadmissible": 1496}
    for row in rows:
        if row["table"] == "bootstrap" and row["group"] == "generation":
            row["estimate"] = counts[row["term"]]
    data_set(project, "few", ("survey",), rows)
    report, texts = reading.read("few"), Texts("en")
    (of_groups,) = effects.by_group(report, texts)
    assert '<span class="refused">[' in str(of_groups.rows[1][1])
    assert "36% of the refits" in " ".join(of_groups.notes)
    (of_all,) = effects.effects(report, texts)
    assert "refused" not in str(of_all.rows[1]), "few of these refits are unusable"


def test_a_path_whose_equality_could_not_be_tested_says_why_below_the_table(project: Project) -> None:
    rows, singular = survey_rows(), {"statistic": np.nan, "df": np.nan, "pvalue": np.nan}
    tests = [row for row in rows if row["table"] == "equality"]
    tests[0] |= singular | {"note": packed([remark("singular_covariance")])}
    data_set(project, "few", ("survey",), rows)
    shown = group_comparison.groups(reading.read("few"), Texts("en"))
    (table,) = [exhibit for exhibit in shown if isinstance(exhibit, Table)]
    assert table.rows[0][-3:] == ["–"] * 3
    assert [note for note in table.notes if "singular covariance" in note] == table.notes[1:]


def test_a_column_without_content_is_not_shown() -> None:
    rows: list = [Band("model"), ["a", "1", "", "–"], ["b", "2", "", "x"]]
    html = table_html(Table("t", "", ["name", "n", "remark", "more"], ["text"] * 4, rows, []), Markup(""))
    assert [words for words in Page(str(html)).words if words.strip()] == [
        "name", "n", "more", "model", "a", "1", "–", "b", "2", "x"
    ]  # fmt: skip
    assert 'colspan="3"' in html


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "The card of the data set sets"), ("zh", "由该数据集的数据卡规定")]
)
def test_a_page_states_its_resamples_and_who_set_them(project: Project, language: str, sentence: str) -> None:
    data_set(project, "demo", ("survey",), survey_rows())
    texts, report = Texts(language), reading.read("demo")
    notes = {table.name: str(table.notes) for table in measurement.validity(report, texts) if isinstance(table, Table)}
    assert "750" in notes["validity"]
    assert sentence not in notes["validity"]
    report.card.raw["resamples"] = {"measure": 750}
    own = next(table for table in measurement.validity(report, texts) if table.name == "validity")
    assert sentence in str(own.notes)
    assert sentence not in str(effects.effects(report, texts)[0].notes), "those of structure are the default"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_where_the_card_of_simulated_answers_spares_comparisons(project: Project, language: str) -> None:
    data_set(project, "demo", ("survey",), scale_rows())
    texts, report = Texts(language), reading.read("demo")
    sentence = texts("note.ordered_groups")
    assert not any(sentence in table.notes for table in invariance.ladder(report, texts))
    report.card.raw["ordered_groups"] = ["generation"]
    assert [table.name for table in invariance.ladder(report, texts) if sentence in table.notes] == [
        "invariance_ordered"
    ]


def test_pairs_of_groups_follow_the_card_and_turn_with_it(project: Project) -> None:
    data_set(project, "demo", ("panel",), panel_rows())
    report = reading.read("demo")
    levels = {"1": "young", "2": "middle", "3": "old"}
    report.card.panel.groups["age"] = Group(column="age", levels=levels)
    size = {"table": "pairs", "definition": "holm_pairs", "se": 0.1, "hypothesis": ""}
    rows = pd.DataFrame(
        [
            {"group": "middle − old", "estimate": 0.1, "statistic": 1.0, "ci_lower": -0.1, "ci_upper": 0.3} | size,
            {"group": "middle − young", "estimate": 0.2, "statistic": 2.0, "ci_lower": 0.0, "ci_upper": 0.4} | size,
            {"group": "old − young", "estimate": 0.1, "statistic": 1.0, "ci_lower": -0.1, "ci_upper": 0.3} | size,
        ]
    )
    turned = report.in_order(rows)
    assert turned["group"].tolist() == ["young − middle", "young − old", "middle − old"]
    assert turned["estimate"].tolist() == [-0.2, -0.1, 0.1]
    assert turned["ci_lower"].tolist() == [-0.4, -0.3, -0.1]


def test_the_interval_of_an_equivalence_test_says_that_it_is_one_of_90_percent() -> None:
    rows = verdict_rows("demo", False, {"H12": "supported", "H2": "supported", "H5a": "supported"})
    report = SimpleNamespace(
        kinds=["panel"], verdicts=rows, table=lambda *_, **__: pd.DataFrame(), style=style.JOURNALS["apa"]
    )
    for language in LANGUAGES:
        table = verdicts.verdicts(report, Texts(language))[0]
        interval, n = {row[0]: row[7] for row in table.rows}, {row[0]: row[10] for row in table.rows}
        assert "90%" in interval["H12"]
        assert "90%" not in interval["H2"]
        assert n["H2"] == "400"
        assert n["H5a"] == Texts(language)("punctuation.users", n="400")


def test_the_page_words_the_rules_that_left_rows_out_in_its_language(project: Project) -> None:
    """Whether their term is a key, or words as in results that were published before."""
    told = []
    for name, term in {"new": "missing_value: lag(trust)", "old": "missing: lag(trust)"}.items():
        rows = [row | {"term": term} if row["table"] == "dropped" else row for row in panel_rows()]
        data_set(project, name, ("panel",), rows)
        told.append([panel.dropped(reading.read(name), Texts(language))[0].rows[1] for language in LANGUAGES])
    assert told[0] == told[1]
    assert told[0][0] == ["missing: trust accumulation, one period earlier", "left out", "12"]
    assert told[0][1] == ["上一期信任累积缺失", "剔除", "12"]
