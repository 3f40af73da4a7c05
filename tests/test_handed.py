"""A stage is handed the parameters that `dvc.yaml` declares for it; seeds depend on names and are remembered."""

from __future__ import annotations

import re

import pytest
import yaml

from pipeline.core import declared, handed
from pipeline.core.errors import InputError
from pipeline.core.seeds import Seeds, seed
from pipeline.stages import acquire, clean, measure, panel, structure
from tests.conftest import Project, message

DAYS = ("2024-01-05", "2024-02-05", "2024-03-05", "2024-04-05")
STAGES = {"acquire": acquire, "clean": clean, "measure": measure, "structure": structure, "panel": panel}


def declare(project: Project, stage: str, names: list[str]) -> None:
    steps = yaml.safe_load((project.folder / "dvc.yaml").read_text(encoding="utf-8"))
    steps["stages"][stage]["params"] = names
    (project.folder / "dvc.yaml").write_text(yaml.safe_dump(steps), encoding="utf-8")


@pytest.mark.parametrize("stage", ["acquire", "clean", "measure", "structure", "panel", "judge", "page", "site"])
def test_a_stage_is_handed_what_is_declared_for_it_and_nothing_else(project: Project, stage: str) -> None:
    found = handed.to(stage)
    assert set(found) == set(declared.parameters(stage))
    for read in (lambda: found["bootstrap"], lambda: found.get("bootstrap"), lambda: "bootstrap" in found):
        with pytest.raises(
            InputError, match=rf"(?s)dvc.yaml, column stages.{stage}.params.*stage {stage}.*'bootstrap'"
        ):
            read()


@pytest.mark.parametrize(
    ("stage", "name"),
    [(stage, name) for stage, names in {
        "acquire": ["mirror"], "clean": ["events"], "measure": ["seed", "measure", "doubtful"],
        "structure": ["seed", "structure", "doubtful"], "panel": ["seed", "panel"],
    }.items() for name in names],
)  # fmt: skip
def test_a_read_that_is_not_declared_stops_the_stage(project: Project, stage: str, name: str) -> None:
    """Each declared parameter is read by its stage, and taking it from `dvc.yaml` is noticed at once."""
    answers = [f"tmall,{i % 5 + 1},{(i + 1) % 5 + 1},{i % 4 + 1},{i % 3 + 1}" for i in range(30)]
    project.survey("people", "\n".join(["platform,A1,A2,B1,B2", *answers]) + "\n")
    project.log("log", "user,when,kind,amount\n" + "".join(f"{u},{day},buy,{u}\n" for u in (1, 2, 3) for day in DAYS))
    project.quick()
    name_of_set = "people" if stage in ("measure", "structure") else "log"
    kept = [each for each in declared.stages()[stage]["params"] if each != name]
    declare(project, stage, kept)
    for before in ("acquire", "clean"):
        if before == stage:
            break
        STAGES[before].run(name_of_set)
    with pytest.raises(InputError) as excinfo:
        STAGES[stage].run(name_of_set)
    assert re.search(f"stage {stage} reads the parameter '{name}'", message(excinfo))


def test_a_declared_parameter_must_exist(project: Project) -> None:
    declare(project, "panel", ["seed", "panels"])
    with pytest.raises(InputError, match=r"(?s)declares the parameter 'panels'.*one of data_sets, .*params.yaml"):
        handed.to("panel")


def test_seeds_depend_on_all_names_and_are_remembered() -> None:
    seeds = Seeds(7, "demo", "panel")
    assert seeds("few_clusters", "m", "all", "x") == seed(7, "demo", "panel", "few_clusters", "m", "all", "x")
    assert seeds() == seed(7, "demo", "panel")
    others = [Seeds(8, "demo", "panel")(), Seeds(7, "other", "panel")(), seeds("x"), seeds.of("measure")()]
    assert len({seeds(), *others}) == 5
    assert set(seeds.given) == {
        ("panel", "few_clusters", "m", "all", "x"), ("panel",), ("panel", "x"), ("measure",)
    }  # fmt: skip
