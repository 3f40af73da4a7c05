"""The steps of the pipeline as `dvc.yaml` declares them: how many there are, what each needs from an earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.core import declared, paths
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded


def every(data_sets: Sequence[str], alone: bool = False) -> list[str]:
    """The stage instances of the pipeline as DVC names them, `stage@data_set` or, unless `alone`, `stage`."""
    found: list[str] = []
    for name, stage in declared.stages().items():
        found += [f"{name}@{data_set}" for data_set in data_sets] if "matrix" in stage else [] if alone else [name]
    return found


def before(data_sets: Sequence[str]) -> dict[str, set[str]]:
    """Each stage instance with those whose output it reads; one over all data sets waits for all that are before it."""
    found: dict[str, set[str]] = {}
    for step in every(data_sets):
        stage, _, data_set = step.partition("@")
        found[step] = {f"{maker}@{data_set}" for _, maker in _inputs(stage)} if data_set else set(found)
    return found


def require_inputs(stage: str, data_sets: Sequence[str]) -> None:
    """Check that what a stage reads from earlier ones is there.

    Parameters
    ----------
    data_sets
        The data sets that this run of the stage is for.

    Raises
    ------
    InputError
        With each missing result and the stage that makes it.
    """
    problems = [
        Problem(
            path.as_posix(),
            worded("it_is_not_there"),
            worded("output_of_step", maker=maker),
            worded("run_step_or_all", maker=maker, name=name),
        )
        for template, maker in _inputs(stage)
        for name in data_sets
        if not (path := paths.now(template.replace(declared.SET, name))).exists()
    ]
    if problems:
        raise InputError(problems)


def _inputs(stage: str) -> Iterator[tuple[str, str]]:
    """Each path that a stage reads and an earlier one writes, with the name of that one."""
    stages = declared.stages()
    for dependency in stages.get(stage, {}).get("deps", ()):
        for maker, entry in stages.items():
            for out in declared.outputs(entry):
                if f"{dependency}/".startswith(f"{out}/"):
                    yield dependency, maker
                elif out.startswith(f"{dependency}/"):
                    yield out, maker
