"""The steps of the pipeline as `dvc.yaml` declares them: how many there are, what each needs from an earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from pipeline.core.errors import InputError, Problem

FILE = Path("dvc.yaml")
SET = "${item.set}"
_AGAIN = "unpack the project again, or take the file back: git checkout dvc.yaml"


def declared() -> dict[str, dict[str, Any]]:
    """Stage → its entry in `dvc.yaml`.

    Raises
    ------
    InputError
        For a missing file, or one that declares no stages.
    """
    try:
        stages = (yaml.safe_load(FILE.read_text(encoding="utf-8")) or {})["stages"]
        assert all({"cmd", "deps", "outs"} <= set(stage) for stage in stages.values())
    except FileNotFoundError:
        raise InputError(Problem(str(FILE), "no such file", "the file that declares the steps", _AGAIN)) from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, AttributeError, AssertionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            Problem(str(FILE), "no list of steps", "stages with cmd, deps and outs", _AGAIN, mark and mark.line + 1)
        ) from None
    return stages


def total(data_sets: Sequence[str]) -> int:
    """Number of stage instances in the pipeline."""
    return sum(len(data_sets) if "matrix" in stage else 1 for stage in declared().values())


def require_inputs(stage: str, data_sets: Sequence[str]) -> None:
    """Check that what a stage reads from earlier ones is there.

    Parameters
    ----------
    data_sets : the data sets that this run of the stage is for.

    Raises
    ------
    InputError
        With each missing result and the stage that makes it.
    """
    problems = [
        Problem(
            path,
            "it is not there",
            f"the output of the step {maker}",
            f"stickiness stage {maker} {name}, or stickiness run",
        )
        for template, maker in _inputs(stage)
        for name in data_sets
        if not Path(path := template.replace(SET, name)).exists()
    ]
    if problems:
        raise InputError(problems)


def _inputs(stage: str) -> Iterator[tuple[str, str]]:
    """Each path that a stage reads and an earlier one writes, with the name of that one."""
    stages = declared()
    for dependency in stages.get(stage, {}).get("deps", ()):
        for maker, entry in stages.items():
            for out in outputs(entry):
                if Path(dependency).is_relative_to(out):
                    yield dependency, maker
                elif Path(out).is_relative_to(dependency):
                    yield out, maker


def outputs(entry: dict[str, Any]) -> Iterator[str]:
    """Paths that a stage writes; an output may carry options."""
    for part in ("outs", "metrics", "plots"):
        for out in entry.get(part, ()):
            yield from [out] if isinstance(out, str) else out
