"""Which rows of a survey are respondents, and what labels, bands and codes of a card make of their cells."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd
import pytest

from pipeline.cards import card as cards
from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, message, stage_error, survey_card, words


def cleaned(project: Project, table: str, **survey: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean answers and ledger of a survey with more on its card."""
    project.survey("demo", table, survey=survey_card("demo")["survey"] | survey)
    acquire.run("demo")
    clean.run("demo")
    ledger = pd.read_csv("results/demo/clean/ledger.csv").set_index("step")
    return pd.read_parquet("results/demo/clean/survey.parquet"), ledger


def test_only_who_finished_consented_and_attended_is_a_respondent(project: Project) -> None:
    rows = ("Finished,check,took,platform,A1,A2,B1,B2", "wording,wording,,wording,How?,How?,How?,How?",
            "1,3,90,tmall,1,2,3,4", "0,3,90,tmall,,,,", "1,2,90,notes,5,5,5,5", "1,3,90,notes,2,2,3,5",
            "1,three,10,notes,2,2,3,4")  # fmt: skip
    answers, ledger = cleaned(
        project, "\n".join(rows) + "\n", where={"Finished": 1, "check": [3, "three"], "took": {"above": 20}}
    )
    assert answers["b2"].tolist() == [4, 5]
    assert answers["platform_type"].tolist() == ["comprehensive", "content"]
    assert ledger.loc["selection", ["rows_before", "rows_after"]].tolist() == [6, 2]
    assert words(ledger.loc["selection", "rule"]) == "Finished: 1; check: 3, three; took > 20"


def test_a_wrong_answer_below_rows_that_are_left_out_is_named_by_its_line_in_the_file(project: Project) -> None:
    table = "done,platform,A1,A2,B1,B2\n0,x,9,9,9,9\n1,tmall,1,2,3,9\n"
    project.survey("demo", table, survey=survey_card("demo")["survey"] | {"where": {"done": 1}})
    assert "table.csv, row 3, column B2" in stage_error("demo", acquire, clean)


def test_labels_stand_for_the_numbers_that_the_card_gives_them(project: Project) -> None:
    agree = {"非常不同意": 1, "不同意": 2, "一般": 3, "同意": 4, "5=非常同意": 5}
    table = "platform,A1,A2,B1,B2\ntmall,非常不同意,同意,3,4\nnotes,5=非常同意, 一般,(跳过),sometimes\n"
    items = survey_card("demo")["survey"]["items"]
    items[3]["values"] = {"sometimes": 2}
    answers, ledger = cleaned(project, table, values=agree, items=items, missing_codes=["(跳过)"])
    assert answers[["a1", "a2", "b2"]].to_numpy().tolist() == [[1, 4, 4], [5, 3, 2]]
    assert answers["b1"].isna().tolist() == [False, True]
    assert ledger.loc["labels", "cells_changed"] == 5


def test_a_label_that_the_card_does_not_know_is_answered_with_how_to_say_it(project: Project) -> None:
    project.survey("demo", "platform,A1,A2,B1,B2\ntmall,同意,2,3,4\n")
    assert "values: {'同意': 5}" in stage_error("demo", acquire, clean)
    wrong = survey_card("demo")
    wrong["survey"]["values"] = {"同意": 7}
    with pytest.raises(InputError, match="'同意' stands for 7"):
        cards.load(project.card("demo", wrong))


def test_codes_for_no_answer_hold_for_groups_too(project: Project) -> None:
    answers, _ = cleaned(project, "platform,A1,A2,B1,B2\n(空),1,2,3,4\nnotes,2,2,3,4\n", missing_codes=["(空)"])
    assert answers["platform_type"].isna().tolist() == [True, False]


def test_a_number_falls_into_one_band_of_a_group(project: Project) -> None:
    age = {"generation": {"column": "born", "bands": {"gen_z": [1995, 2012], "older": [1920, 1994]}}}
    table = "born,A1,A2,B1,B2\n1995,1,2,3,4\n1994,2,2,3,4\n-99,2,2,3,5\n"
    answers, _ = cleaned(project, table, groups=age)
    assert answers["generation"].fillna("none").tolist() == ["gen_z", "older", "none"]
    project.survey("demo", table.replace("1994", "19"), survey=survey_card("demo")["survey"] | {"groups": age})
    assert "one of gen_z 1995–2012, older 1920–1994" in stage_error("demo", acquire, clean)
    age["generation"]["bands"]["older"] = [1920, 1995]
    overlapping = survey_card("demo")
    overlapping["survey"]["groups"] = age
    with pytest.raises(InputError) as excinfo:
        cards.load(project.card("demo", overlapping))
    assert "gen_z begins at 1995, older ends at 1995" in message(excinfo)


def test_files_of_one_survey_are_put_below_one_another(project: Project) -> None:
    card, india = survey_card("demo"), "platform,A1,A2,B1,B2\nnotes,4,4,4,8\n"
    card["source"]["files"]["india"] = {"path": "india.csv", "sha256": hashlib.sha256(india.encode()).hexdigest()}
    card["survey"]["stack"] = ["india"]
    (project.folder / "data/demo").mkdir()
    (project.folder / "data/demo/india.csv").write_text(india, encoding="utf-8")
    project.survey("demo", "platform,A1,A2,B1,B2\ntmall,1,2,3,4\n", **card)
    assert "india.csv, row 2, column B2" in stage_error("demo", acquire, clean)


def test_equal_answers_are_a_duplicate_whatever_else_the_row_holds(project: Project) -> None:
    table = "platform,A1,A2,B1,B2\ntmall,1,2,3,4\nnotes,1,2,3,4\ntmall,1,2,3,4\ntmall,1,2,3,5\n"
    by_answers, _ = cleaned(project, table, exclude={"duplicate_answers": True})
    by_rows, _ = cleaned(project, table, exclude={"duplicate_rows": True})
    assert (len(by_answers), len(by_rows)) == (2, 3)


def test_a_row_of_means_below_the_table_is_no_respondent(project: Project) -> None:
    table = "platform,A1,A2,B1,B2\ntmall,1,2,3,4\nnotes,2,2,4,5\n,1.5,2,3.5,4.5\n"
    project.survey("demo", table)
    found = stage_error("demo", acquire, clean)
    assert "row 4" in found
    assert "the means of the 2 rows above it" in found


def test_a_range_whose_end_nobody_chose_is_said_where_items_are_turned_by_it(project: Project) -> None:
    items = [
        item | {"range": [1, 7], "reversed": item["column"] == "A2"} for item in survey_card("demo")["survey"]["items"]
    ]
    _, ledger = cleaned(project, "platform,A1,A2,B1,B2\ntmall,1,2,3,4\nnotes,5,4,3,2\n", items=items)
    assert words(ledger.loc["unseen", "rule"]) == "answers from 1 to 7 on the card, 1 to 5 in the file"
