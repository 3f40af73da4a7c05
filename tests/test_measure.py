"""The measure stage from the card alone: the marker takes out a planted method, cores change nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import survey
from models.analysis.rows import long
from models.analysis.setting import Doubtful, Questionnaire
from models.remarks import Remarks, packed, remark, unpacked
from models.survey import answer_quality
from models.survey.answer_quality import flagged, quality_rows
from pipeline.core import handed, parallel, pieces, results
from pipeline.stages import acquire, clean, measure, structure
from tests.conftest import Project, survey_card, text, working_in, zero

SCALES = {"value_functional": "a", "identification": "b"}
TRUE_PATH = 0.2


def one_source(project: Project, n: int, copies: int = 0) -> None:
    """A survey with a true path of 0.2, inflated by a method that all answers share; three groups; answers 1 to 7.

    So many sheets more are copies of the first ones.
    """
    rng = np.random.default_rng(3)
    value, method = rng.standard_normal((2, n, 1))
    identification = TRUE_PATH * value + np.sqrt(1 - TRUE_PATH**2) * rng.standard_normal((n, 1))
    traits = np.hstack([np.repeat(value, 4, 1), np.repeat(identification, 4, 1), np.zeros((n, 3))])
    responses = 0.7 * traits + 0.45 * method + 0.55 * rng.standard_normal((n, 11))
    names = [f"{letter}{i}" for letter in SCALES.values() for i in range(4)] + [f"m{i}" for i in range(3)]
    answers = pd.DataFrame(np.clip(np.rint(4 + 1.4 * responses), 1, 7).astype(int), columns=names)
    answers["country"] = rng.choice(["x", "y", "z"], n)
    answers = pd.concat([answers, answers[:copies]])
    card = survey_card("demo")["survey"]
    item = {"range": [1, 7], "label": text("a question")}
    card["items"] = [item | {"column": f"{s}{i}", "construct": c} for c, s in SCALES.items() for i in range(4)]
    card["marker"] = [item | {"column": f"m{i}"} for i in range(3)]
    card["groups"] = {"country": {"column": "country", "levels": {"x": "x", "y": "y", "z": "z"}}}
    project.survey("demo", answers.to_csv(index=False), survey=card)
    acquire.run("demo")
    clean.run("demo")


MEASURED = Path("results/demo/measure.csv")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which a survey of 900 people was measured by one process."""
    with pytest.MonkeyPatch.context() as patched:
        project = working_in(tmp_path_factory.mktemp("measured"), patched)
        project.quick()
        one_source(project, 900)
        measure.run("demo")
    return project.folder


def test_the_marker_of_the_card_takes_the_method_out_of_the_paths(measured: Path) -> None:
    rows = results.read(measured / MEASURED)
    moved = rows[rows["table"] == "method_paths"].set_index(["quantity", "group"])["estimate"]
    paths = moved["std_all"]
    assert paths["trait"] > 0.35  # (0.49 · 0.2 + 0.2025) / (0.49 + 0.2025) = 0.43 without correction
    assert paths["marker_c"] == pytest.approx(TRUE_PATH, abs=0.1)  # two standard errors, rounding of the answers
    assert moved["beside_marker"].to_dict() == {"marker_c": paths["marker_c"]}, "items are reached alike"
    tests = rows[(rows["table"] == "method") & (rows["quantity"] == "difference")].set_index("term")["pvalue"]
    assert tests["marker_baseline – marker_c"] < 1e-6
    assert not rows["term"].isin([f"m{i}" for i in range(3)]).any()
    fitted = rows[rows["estimate"].notna()].set_index(["table", "model", "quantity"])["definition"].sort_index()
    for table, model, kind in (
        ("method", "", "robust"),
        ("invariance", "", "robust"),
        ("invariance", "ordered", "scaled"),
    ):
        told = fitted[table, model]
        assert set(told["chisq"]) == {"chisq_scaled"}
        assert set(told["cfi"]) | set(told["rmsea"]) == {f"cfi_{kind}", f"rmsea_{kind}"}
    ladders = rows[(rows["table"] == "invariance") & (rows["quantity"] == "level")].set_index("model")["term"]
    assert ladders.to_dict() == {"": "strict", "ordered": "strict"}


def test_two_processes_write_what_one_writes(measured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = (measured / MEASURED).read_bytes()
    monkeypatch.chdir(measured)
    monkeypatch.setattr(pieces, "LARGE", 0)
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    measure.run("demo")
    assert MEASURED.read_bytes() == alone


def test_answers_are_judged_once_for_measurement_and_for_models_without_the_doubtful(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stages read whom cleaning flagged: seven copies among 367 sheets, and perhaps others."""
    project.quick()
    one_source(project, 360, copies=7)
    monkeypatch.setattr(answer_quality, "quality", lambda *_: pytest.fail("judged again"))
    measure.run("demo")
    structure.run("demo")
    flags = pd.read_parquet("results/demo/clean/flags.parquet")
    copies = set(flags.loc[flags["flag"] == "duplicate", "respondent"])
    assert copies >= set(range(361, 368))
    doubted = survey.doubted_people(flags, handed.to("structure").doubtful)
    rows = results.read(MEASURED).set_index(["table", "term", "quantity"])["estimate"]
    assert rows["quality", "duplicate", "n"] == len(copies) < 15
    assert rows["quality", "doubtful", "n"] == len(doubted) >= 7
    sizes = results.read(Path("results/demo/structure.csv")).query("table == 'sensitivity' and quantity == 'effect'")
    assert set(sizes.loc[sizes["group"] == "without_doubtful", "n"]) == {367 - len(doubted)}


def test_two_people_are_too_few_to_doubt_anybody_and_every_check_says_so() -> None:
    asked = Questionnaire({"a": ["a1", "a2"]}, {"a1": (1, 5), "a2": (1, 5)})
    data = pd.DataFrame({"respondent": ["x", "y"], "a1": [1.0, 2], "a2": [1.0, 5]})
    found = flagged(asked, data, 1)
    rows = pd.concat(quality_rows(zero, asked, data, found, Doubtful(("duplicate",), 2), "card"))
    said = unpacked(rows.set_index(["term", "quantity"]).loc[("duplicate", "n"), "note"])
    assert said == [remark("not_applicable", why=remark("few_rows", n=2, least=3))]
    assert rows.loc[rows["table"] == "quality", "estimate"].isna().all()
    assert survey.doubted_people(found.flags, Doubtful(("duplicate",), 2)) == set()


def test_a_note_is_kept_whether_or_not_a_number_is_missing() -> None:
    odd, failed = remark("as_said", text="odd"), remark("as_said", text="failed")
    odd_and_failed = [Remarks.of(odd), Remarks.of(failed)]
    entries = pd.DataFrame({"model": ["a", "b"], "cfi": [0.9, 0.8], "rmsea": [0.05, np.nan], "note": odd_and_failed})
    rows = long(entries, "fit", "model", ["cfi", "rmsea"])
    noted = rows[rows["note"] != ""].set_index("term")[["quantity", "note"]]
    assert noted.loc["a"].tolist() == ["cfi", packed([odd])]
    assert noted.loc["b"].tolist() == ["rmsea", packed([failed])]


def test_sheets_that_repeat_one_another_are_counted() -> None:
    """Four people, three different sheets."""
    asked = Questionnaire({"a": ["a1", "a2"]}, {"a1": (1, 5), "a2": (1, 5)})
    data = pd.DataFrame({"respondent": range(12), "a1": [1, 2, 1, 3] * 3, "a2": [1, 5, 1, 3] * 3}, dtype=float)
    rows = pd.concat(quality_rows(zero, asked, data, flagged(asked, data, 0), Doubtful(("duplicate",), 2), "card"))
    assert rows.set_index("quantity").loc["different", "estimate"] == 3
