"""Ids in a text file stay what they are, whatever a program would take them for."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline import card as cards
from pipeline.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, base_card, survey_card, text


def counted(project: Project, rows: str, header: str = "user,when,land\n", **panel: object) -> pd.DataFrame:
    measures = {"stickiness": {"label": text("visits"), "agg": "count"}}
    project.log("demo", header + rows, **({"measures": measures} | panel))
    acquire.run("demo")
    clean.run("demo")
    return pd.read_parquet("results/demo/clean/panel.parquet")


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        (["6000000000000000001", "6000000000000000002", ""], [6000000000000000001, 6000000000000000002]),
        (["001", "01", "1"], ["001", "01", "1"]),
        (["NA", "None", "null", "nan"], ["NA", "None", "nan", "null"]),
        (["9223372036854775808", "1"], ["1", "9223372036854775808"]),
        (["7", "-3", "0"], [-3, 0, 7]),
        (["007", "010"], [7, 10]),
    ],
)
def test_users_are_neither_merged_nor_lost(project: Project, ids: list[str], kept: list) -> None:
    panel = counted(project, "".join(f"{user},2024-01-05,x\n" for user in ids))
    assert panel["entity"].tolist() == kept
    assert panel["stickiness"].tolist() == [1] * len(kept)


def test_a_land_called_na_can_be_meant(project: Project) -> None:
    rows = "a,2024-01-05,NA\na,2024-01-06,US\nb,2024-01-05,NA\nb,2024-01-07,\n"
    named = {"stickiness": {"label": text("visits"), "agg": "count", "where": {"land": "NA"}}}
    assert counted(project, rows, measures=named)["stickiness"].tolist() == [1, 1]
    group = {"country": {"column": "land", "levels": {"NA": "namibia", "US": "usa"}}}
    assert counted(project, "a,2024-01-05,NA\nb,2024-01-05,US\n", groups=group)["country"].tolist() == [
        "namibia",
        "usa",
    ]
    others = {"country": {"column": "land", "levels": {"US": "usa"}}}
    assert counted(project, "a,2024-01-05,NA\nb,2024-01-05,US\n", groups=others)["country"].isna().tolist() == [
        True,
        False,
    ]


def test_dates_in_digits_keep_their_zeros_and_blanks(project: Project) -> None:
    time = {"column": "when", "format": "%d%m%Y"}
    assert counted(project, "a,05012024,x\na,06022024,x\na,,x\n", time=time)["time"].tolist() == [24288, 24289]


def test_respondents_keep_their_ids(project: Project) -> None:
    card = survey_card("demo")["survey"] | {"respondent": "id"}
    project.survey("demo", "id,platform,A1,A2,B1,B2\n01,tmall,1,2,NA,4\n1,notes,5,4,-99,2\n", survey=card)
    acquire.run("demo")
    clean.run("demo")
    survey = pd.read_parquet("results/demo/clean/survey.parquet")
    assert survey["respondent"].tolist() == ["01", "1"]
    assert survey["b1"].isna().all()


def test_an_unknown_encoding_is_found_before_the_file_is_opened(project: Project) -> None:
    card = base_card("demo") | {"survey": survey_card("demo")["survey"]}
    card["source"]["files"]["table"]["encoding"] = "gbkk"
    with pytest.raises(InputError, match=r"(?s)unknown encoding 'gbkk'.*did you mean 'gbk'"):
        cards.load(project.card("demo", card))
