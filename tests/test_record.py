"""Each stage records the versions and seeds that it computed with; the page prints the records."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from pipeline.core import record
from pipeline.core.seeds import Seeds
from pipeline.stages import acquire, clean, measure, panel, structure
from reports import reading
from reports.tables import provenance
from reports.texts import Texts
from tests.conftest import Project, text
from tests.report_results import data_set
from tests.result_rows import survey_rows

RESTARTS = 1  # of the optimiser: where it begins anew, not what is estimated


def log(users: int, periods: int) -> str:
    rng = np.random.default_rng(5)
    kinds = ("like", "deliver", "visit", "browse")
    rows = [
        f"{u},2024-{m:02d}-05,{kind},1"
        for u in range(users) for m in range(1, periods + 1) for kind in kinds for _ in range(rng.poisson(2))
    ]  # fmt: skip
    return "user,when,kind,amount\n" + "\n".join(rows) + "\n"


def test_every_seed_that_is_drawn_from_is_in_the_record(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few users the bootstrap decides, and what mediates is drawn: none of it from a seed of its own."""
    counted = {"trust": "deliver", "identification": "like", "stickiness": "visit", "value": "browse"}
    measures = {name: {"label": text(name), "agg": "count", "where": {"kind": kind}} for name, kind in counted.items()}
    project.log("few", log(14, 9), measures=measures)
    answers = np.random.default_rng(1).integers(1, 6, (60, 4))
    project.survey("people", "platform,A1,A2,B1,B2\n" + "".join(f"tmall,{','.join(map(str, a))}\n" for a in answers))
    project.quick()
    drawn: set[int] = set()
    generator = np.random.default_rng

    def watched(seed: object = None) -> np.random.Generator:
        if isinstance(seed, np.random.Generator):
            return seed  # drawn from a seed that was asked for before
        if sys._getframe(1).f_globals["__name__"].startswith(("models", "pipeline")):
            assert isinstance(seed, int), "a draw that nobody can repeat"
            drawn.add(seed)
        return generator(seed)

    monkeypatch.setattr(np.random, "default_rng", watched)
    for name, stages in {"few": (acquire, clean, panel), "people": (acquire, clean, measure, structure)}.items():
        for stage in stages:
            stage.run(name)
    records = [json.loads(path.read_text(encoding="utf-8")) for path in Path("results").glob("*/*.json")]
    recorded = {each["seed"] for found in records for each in found["seeds"]}
    assert drawn - {RESTARTS} <= recorded
    names = {tuple(each["of"][:2]) for found in records for each in found["seeds"]}
    assert {("panel", "few_clusters"), ("panel", "mediation"), ("panel", "diagnostics"), ("measure",)} <= names


def test_a_record_is_the_same_twice_and_says_what_was_loaded(project: Project) -> None:
    found = []
    for _ in range(2):
        seeds = Seeds(7, "demo", "panel")
        with record.kept("demo", "panel", seeds):
            seeds("b")
            seeds("a", 1)
        found.append(Path("results/demo/panel.json").read_bytes())
    assert found[0] == found[1]
    content = json.loads(found[0])
    assert content["versions"]["numpy"] == version("numpy")
    assert "yamllint" not in content["versions"]
    assert [each["of"] for each in content["seeds"]] == [["panel", "a", "1"], ["panel", "b"]]
    cost = json.loads(Path("results/costs/demo/panel.json").read_text(encoding="utf-8"))
    assert cost["seconds"] >= 0
    with pytest.raises(ZeroDivisionError), record.kept("demo", "measure"):
        1 / 0  # noqa: B018
    assert not Path("results/demo/measure.json").exists()


def test_the_page_prints_what_was_recorded_and_not_what_is_installed(project: Project) -> None:
    data_set(project, "demo", ("survey",), survey_rows())
    _, seeds, versions = provenance.environment(reading.read("demo"), Texts("en"))
    assert ["panel · few_clusters · all", "4711"] in seeds.rows
    assert ["numpy", "0.9", "acquire, clean, measure, structure, panel, judge"] in versions.rows
    assert ["numpy", version("numpy"), "page"] in versions.rows
