"""Where things lie, relative to the project's folder (the one that holds `dvc.yaml`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core import quick
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded

if TYPE_CHECKING:
    from pipeline.core.blocks import Parameters

DECLARED = Path("results")
QUICK = quick.asked()
RESULTS = DECLARED / "quick" if QUICK else DECLARED
PUBLISHED = Path("published")
SCHEMA = Path("data/card.schema.json")


def card_path(data_set: str) -> Path:
    return Path("data") / data_set / "card.yaml"


def of(data_set: str, *parts: str) -> Path:
    """Path below the results of a data set."""
    return RESULTS.joinpath(data_set, *parts)


def now(declared: str) -> Path:
    """Where a path of `dvc.yaml` lies now: a quick look has its results apart."""
    path = Path(declared)
    return RESULTS / path.relative_to(DECLARED) if path.is_relative_to(DECLARED) else path


def made(data_set: str, stage: str, *parts: str) -> Path:
    """Path of what a stage has written.

    Raises
    ------
    InputError
        When the stage has not run, or not to its end.
    """
    path = of(data_set, *parts)
    if not path.exists():
        fix = worded(
            "run_stage_first",
            stage=stage,
            data_set=data_set,
        )
        raise InputError(Problem(path.as_posix(), worded("no_such_file"), worded("output_of_stage", stage=stage), fix))
    return path


def params() -> Parameters:
    """The project's parameters (`params.yaml`), checked."""
    from pipeline.core import params

    return params.load()


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`, moved there only when the block ends without an error.

    A stage that fails leaves nothing half-written behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.draft")
    _remove(draft)
    try:
        yield draft
        _remove(target)
        os.replace(draft, target)
    finally:
        _remove(draft)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
