"""Bad input is an error before any computation: file, row, column, what was found, what was expected, how to fix it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from models import survey
from models.analysis.setting import Doubtful
from models.measurement.answers.flags import REFERENCES
from pipeline import cli
from pipeline.cards import card as cards
from pipeline.core.errors import InputError, shown
from pipeline.stages import acquire, clean
from tests.conftest import ROOT, Project, message, stage_error, survey_card, text

ANSWERS = "platform,A1,A2,B1,B2\ntmall,1,2,3,4\nnotes,5,4,-99,2\ntmall,2,2,3,5\n"


def test_a_typo_in_a_card_names_its_line_and_the_nearest_entry(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["mising_codes"] = card["survey"].pop("missing_codes")
    path = project.card("demo", card)
    with pytest.raises(InputError) as excinfo:
        cards.load(path)
    line = 1 + (project.folder / path).read_text().splitlines().index("  mising_codes:")
    assert f"data/demo/card.yaml, row {line}, column survey" in message(excinfo)
    assert "unknown entry 'mising_codes'" in message(excinfo)
    assert "did you mean 'missing_codes'" in message(excinfo)


def test_of_several_possible_forms_the_one_that_was_meant_is_explained(project: Project) -> None:
    card = survey_card("demo")
    card["source"]["licence"] = {"en": "none stated", "fr": "non indiquée"}
    with pytest.raises(InputError) as excinfo:
        cards.load(project.card("demo", card))
    assert "source.licence" in message(excinfo)
    assert "unknown entry 'fr'" in message(excinfo)


def test_broken_yaml_names_the_line(project: Project) -> None:
    path = project.card("demo", survey_card("demo"))
    path.write_text("id: demo\ntitle: {en: a, zh: b\nrow: x\n", encoding="utf-8")
    with pytest.raises(InputError, match="card.yaml, row 3"):
        cards.load(path)


def test_an_unknown_construct_and_an_unknown_platform_type_are_both_reported(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["items"][0]["construct"] = "value_functionnal"
    card["survey"]["groups"]["platform_type"]["levels"]["notes"] = "contents"
    with pytest.raises(InputError) as excinfo:
        cards.load(project.card("demo", card))
    assert "unknown construct 'value_functionnal'" in message(excinfo)
    assert "did you mean 'value_functional'" in message(excinfo)
    assert "unknown platform type 'contents'" in message(excinfo)
    assert "did you mean 'content'" in message(excinfo)


def test_a_group_that_no_hypothesis_would_find_is_refused_and_one_of_a_grouping_of_its_own_is_not(
    project: Project,
) -> None:
    card = survey_card("demo")
    levels = {"1": "gen_zz", "2": "older"}
    card["survey"]["groups"] |= {
        "generation": {"column": "g", "levels": levels},
        "age": {"column": "g", "levels": levels},
    }
    with pytest.raises(InputError) as excinfo:
        cards.load(project.card("demo", card))
    assert "unknown generation 'gen_zz'" in message(excinfo)
    assert "did you mean 'gen_z'" in message(excinfo)
    assert len(excinfo.value.problems) == 1


def test_a_grouping_that_is_a_slip_of_one_of_the_theory_is_refused_and_one_of_another_kind_is_not(
    project: Project,
) -> None:
    card = survey_card("demo")
    levels = {"1": "gen_z", "2": "older"}
    card["survey"]["groups"] |= {name: {"column": "g", "levels": levels} for name in ("generations", "gender")}
    card["survey"]["groups"] |= {"service_type": {"column": "g", "levels": levels}}
    with pytest.raises(InputError) as excinfo:
        cards.load(project.card("demo", card))
    assert "a grouping 'generations', which no hypothesis compares by" in message(excinfo)
    assert "did you mean 'generation'" in message(excinfo)
    assert len(excinfo.value.problems) == 1


@pytest.mark.parametrize(
    ("entry", "at"),
    [
        ({"column": "g", "levels": {"1": "pre − paid", "2": "other"}}, "levels.1"),
        ({"column": "g", "bands": {"18: young": [18, 30], "old": [31, 99]}}, "bands.18: young"),
        ({"constant": "a + b"}, "constant"),
    ],
)
def test_a_group_is_not_called_by_what_stands_between_names_of_groups(project: Project, entry: dict, at: str) -> None:
    card = survey_card("demo")
    card["survey"]["groups"] = {"plan": entry}
    with pytest.raises(InputError) as excinfo:
        cards.load(project.card("demo", card))
    (problem,) = excinfo.value.problems
    assert str(problem.column) == f"survey.groups.plan.{at}"
    assert problem.row
    assert "a group called" in message(excinfo)
    assert "组名" in problem.found.told("zh")
    assert "names" in str(problem.fix)
    entry["names"] = {"x": text("pre − paid: a + b; c")}
    card["survey"]["groups"]["plan"] = {"column": "g", "levels": {"1": "x", "2": "a+b"}, "names": entry["names"]}
    cards.load(project.card("demo", card))


def test_a_missing_card_names_the_nearest_data_set(project: Project) -> None:
    project.card("demo", survey_card("demo"))
    with pytest.raises(InputError, match="did you mean 'demo'"):
        cards.load(Path("data/demmo/card.yaml"))


def test_a_missing_file_names_the_official_source_and_the_mirror(project: Project) -> None:
    project.card("demo", survey_card("demo"))
    found = stage_error("demo", acquire)
    assert "no file 'table.csv' of table 'table'" in found
    assert "get it from the official archive" in found
    assert "<mirror>/demo/" in found


def test_an_altered_file_is_refused(project: Project) -> None:
    project.survey("demo", ANSWERS)
    (project.folder / "data/demo/table.csv").write_text(ANSWERS.replace("5", "4"), encoding="utf-8")
    found = stage_error("demo", acquire)
    assert "data/demo/table.csv, column source.files.table.sha256" in found
    assert "the file was altered" in found
    assert "the official archive" in found


def test_a_file_is_fetched_with_progress_and_its_checksum_verified(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    card = survey_card("demo")
    elsewhere = project.folder / "archive.csv"
    elsewhere.write_text(ANSWERS, encoding="utf-8")
    file = {"path": "table.csv", "url": elsewhere.as_uri(), "sha256": hashlib.sha256(ANSWERS.encode()).hexdigest()}
    card["source"] |= {"kind": "url", "files": {"table": file}}
    project.card("demo", card)
    acquire.run("demo")
    assert "demo: table.csv 100%" in capsys.readouterr().err
    assert len(pd.read_parquet("results/demo/raw/table.parquet")) == 3
    assert not (project.folder / "results/demo/raw/download").exists()
    elsewhere.write_text(ANSWERS + "tmall,1,1,1,1\n", encoding="utf-8")
    assert "the file was altered" in stage_error("demo", acquire)


def test_an_address_out_of_reach_names_the_official_source(project: Project) -> None:
    card = survey_card("demo")
    card["source"]["kind"] = "url"
    card["source"]["files"]["table"]["url"] = (project.folder / "nowhere.csv").as_uri()
    project.card("demo", card)
    found = stage_error("demo", acquire)
    assert "could not fetch" in found
    assert "get it by hand from the official archive" in found


def test_the_mirror_goes_before_the_folder_of_the_data_set(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.survey("demo", ANSWERS)
    mirrored = project.folder / "elsewhere/demo/table.csv"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_text("not the file", encoding="utf-8")
    monkeypatch.setenv("STICKINESS_MIRROR", str(project.folder / "elsewhere"))
    assert "elsewhere/demo/table.csv" in stage_error("demo", acquire)


def test_an_empty_file_is_refused(project: Project) -> None:
    project.survey("demo", "platform,A1,A2,B1,B2\n")
    assert "no data rows" in stage_error("demo", acquire)


def test_an_unknown_column_names_the_nearest_one(project: Project) -> None:
    project.survey("demo", ANSWERS.replace("A2", "A_2"))
    found = stage_error("demo", acquire, clean)
    assert "column A2" in found
    assert "no column 'A2'" in found
    assert "did you mean 'A_2'" in found


def test_an_answer_outside_its_range_names_row_and_column(project: Project) -> None:
    project.survey("demo", ANSWERS.replace("notes,5,4", "notes,7,often"))
    found = stage_error("demo", acquire, clean)
    assert "table.csv, row 3, column A1\n    found:    7 (1 of 3 rows)\n" in found
    assert "an answer from 1 to 5" in found
    assert "row 3, column A2\n    found:    'often'" in found


def test_a_platform_type_that_the_card_does_not_list_is_no_missing_value(project: Project) -> None:
    project.survey("demo", ANSWERS.replace("notes,5", "note,5"))
    found = stage_error("demo", acquire, clean)
    assert "row 3, column platform" in found
    assert "unknown platform type 'note'" in found
    assert "did you mean 'notes'" in found


def test_a_respondent_occurs_once(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["respondent"] = "id"
    table = "id,platform,A1,A2,B1,B2\n7,tmall,1,2,3,4\n8,notes,5,4,3,2\n7,tmall,2,2,3,5\n"
    project.survey("demo", table, survey=card["survey"])
    found = stage_error("demo", acquire, clean)
    assert "row 4, column id" in found
    assert "one row a respondent" in found


def test_a_failed_stage_leaves_nothing_half_written(project: Project) -> None:
    project.survey("demo", ANSWERS.replace("notes,5,4", "notes,7,4"))
    stage_error("demo", acquire, clean)
    assert not (project.folder / "results/demo/clean").exists()
    assert not list((project.folder / "results/demo").glob(".*draft"))


def test_the_command_line_prints_the_message_and_fails(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.parameters(data_sets=["demo"])
    assert cli.main(["check"]) == 2
    assert "data/demo/card.yaml" in capsys.readouterr().err
    project.survey("demo", ANSWERS)
    assert cli.main(["check"]) == 0


def test_a_data_set_named_twice_is_refused(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.parameters(data_sets=["demo", "demo"])
    assert cli.main(["check"]) == 2
    assert "a name twice: demo" in capsys.readouterr().err


def test_clean_answers_are_coded_reversed_and_counted(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["items"][1]["reversed"] = True
    project.survey("demo", ANSWERS, survey=card["survey"])
    acquire.run("demo")
    clean.run("demo")
    answers = pd.read_parquet("results/demo/clean/survey.parquet")
    assert answers["a2"].tolist() == [4, 2, 4]
    assert answers["b1"].isna().tolist() == [False, True, False]
    assert answers["platform_type"].tolist() == ["comprehensive", "content", "comprehensive"]
    ledger = pd.read_csv("results/demo/clean/ledger.csv")
    assert ledger.set_index("step").loc["missing_codes", "cells_changed"] == 1


def test_every_exclusion_is_in_the_ledger(project: Project) -> None:
    card = survey_card("demo")
    card["survey"] |= {
        "duration": {"column": "seconds", "unit": "seconds"},
        "exclude": {
            "duplicate_answers": True,
            "max_missing_share": 0.5,
            "max_longest_string_share": 0.9,
            "min_seconds": 20,
        },
    }
    rows = ["platform,A1,A2,B1,B2,seconds", "tmall,1,2,3,4,60", "tmall,1,2,3,4,60", "notes,-99,-99,-99,2,60",
            "notes,3,3,3,3,60", "notes,5,4,1,2,5", "tmall,2,1,2,1,90"]  # fmt: skip
    project.survey("demo", "\n".join(rows) + "\n", survey=card["survey"])
    acquire.run("demo")
    clean.run("demo")
    ledger = pd.read_csv("results/demo/clean/ledger.csv").set_index("step")
    lost = ledger["rows_before"] - ledger["rows_after"]
    assert lost[["too_few_answers", "duplicates", "straight_lining", "speeding"]].tolist() == [1, 1, 1, 1]
    assert len(pd.read_parquet("results/demo/clean/survey.parquet")) == 2


def test_durations_are_read_in_whatever_form_a_survey_platform_writes_them(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["duration"] = {"column": "所用时间", "unit": "minutes"}
    answers = ("platform,A1,A2,B1,B2,所用时间", "tmall,1,2,3,4,185秒", "notes,5,4,1,2,3分5秒", "notes,4,4,2,2,00:03:05",
               "tmall,2,2,3,5,3 min 5 s", "tmall,2,1,3,5,2.5", "tmall,2,1,3,5,")  # fmt: skip
    project.survey("demo", "\n".join(answers) + "\n", survey=card["survey"])
    acquire.run("demo")
    clean.run("demo")
    found = pd.read_parquet("results/demo/clean/survey.parquet")["response_seconds"]
    assert found.iloc[:5].tolist() == [185, 185, 185, 185, 150]
    assert found.isna().tolist() == [False] * 5 + [True]


def test_an_unreadable_duration_names_its_row(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["duration"] = {"column": "took", "unit": "seconds"}
    rows = ["platform,A1,A2,B1,B2,took", "tmall,1,2,3,4,60", "notes,5,4,1,2,quick", "notes,5,4,1,2,-3"]
    project.survey("demo", "\n".join(rows) + "\n", survey=card["survey"])
    text_ = stage_error("demo", acquire, clean)
    assert "row 3, column took" in text_
    assert "'quick'" in text_
    assert "row 4, column took" in text_
    assert "a number of seconds, or a text such as 185秒" in text_


def test_a_rule_of_doubt_knows_its_flags(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["doubtful"] = {"any_of": ["straight_string"], "at_least": 0}
    with pytest.raises(InputError) as excinfo:
        cards.load(project.card("demo", card))
    assert "survey.doubtful.any_of.0" in message(excinfo)
    assert "one of missing, impossible_value, long_string" in message(excinfo)
    assert "did you mean 'long_string'" in message(excinfo)
    schema = json.loads((project.folder / "data/card.schema.json").read_text(encoding="utf-8"))
    rule = schema["properties"]["survey"]["properties"]["doubtful"]["properties"]
    assert rule["any_of"]["items"]["enum"] == list(REFERENCES)


def test_a_limit_of_time_needs_a_duration(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["exclude"] = {"min_seconds": 60}
    with pytest.raises(InputError, match="min_seconds without a duration"):
        cards.load(project.card("demo", card))


def test_the_card_decides_whom_to_doubt(project: Project) -> None:
    """Speed alone is enough on this card; without a word on the card the rule is that of params.yaml."""
    card = survey_card("demo")
    card["survey"] |= {"duration": {"column": "seconds", "unit": "seconds"}, "doubtful": {"any_of": ["fast"]}}
    rows = ["platform,A1,A2,B1,B2,seconds", "tmall,1,2,3,4,60", "notes,5,4,1,2,3", "tmall,2,1,2,5,90"]
    project.survey("demo", "\n".join(rows) + "\n", survey=card["survey"])
    acquire.run("demo")
    clean.run("demo")
    answers = pd.read_parquet("results/demo/clean/survey.parquet")
    own, usual = cards.load(Path("data/demo/card.yaml")), Doubtful(("duplicate",), 2)
    assert survey.doubted_people(survey.flagged(own.questionnaire, answers, 1).flags, own.doubts(usual)[0]) == {2}
    del card["survey"]["doubtful"]
    other = cards.load(project.card("demo", card))
    found = survey.flagged(other.questionnaire, answers, 1).flags
    assert survey.doubted_people(found, other.doubts(usual)[0]) == set()


def test_cards_in_the_project_are_valid() -> None:
    found = sorted((ROOT / "data").glob("*/card.yaml"))
    assert len(found) >= 13
    for path in found:
        assert cards.load(path).id == path.parent.name


def test_every_observed_measure_says_in_both_languages_how_far_it_is_from_the_theory() -> None:
    for path in sorted((ROOT / "data").glob("*/card.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        measures = {*raw.get("panel", {}).get("measures", {}), *raw.get("cohort", {}).get("covariates", {})}
        proxies = raw.get("proxies", {})
        assert raw["simulated"] or measures <= set(proxies), path
        for told in (*proxies.values(), *raw.get("caution", ())):
            assert len({told["en"], told["zh"]} - {""}) == 2, path
        assert raw.get("caution"), path


def test_a_value_is_shown_as_it_stands_and_not_as_the_type_that_holds_it() -> None:
    values = [np.int64(7), np.float64(0.5), np.str_("a"), "7", pd.Timestamp("2024-05-01"), pd.NA, np.bool_(True)]
    assert [shown(value) for value in values] == ["7", "0.5", "'a'", "'7'", "2024-05-01 00:00:00", "<NA>", "True"]
