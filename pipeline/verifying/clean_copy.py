"""The whole way from source to verdicts again, in a copy of the project that holds no results."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from pipeline.core import paths, quick, results
from pipeline.core.errors import InputError, Problem
from pipeline.reading.sources import MIRROR_VARIABLE
from pipeline.verifying import machine, program, publishing
from pipeline.verifying.published import Results
from pipeline.wording.texts import as_is, worded

# What a stage reads of the project, beside the data of its own set.
_PARTS = ("models", "pipeline", "reports", "data/card.schema.json", "dvc.yaml", "params.yaml", "requirements.txt")
_LEFT = shutil.ignore_patterns("__pycache__")


class Failed(Exception):
    """A stage of the rerun ended with an error; the message is what it said."""


@contextmanager
def clean(data_set: str, revision: str | None = None, seed: int | None = None) -> Iterator[Path]:
    """A copy of the project with one data set and no results, removed when the block ends.

    Parameters
    ----------
    revision
        Branch, tag or commit whose tree is copied; by default the files as they are.
    seed
        In place of the one in params.yaml.
    """
    with TemporaryDirectory(prefix="stickiness-") as folder:
        root = Path(folder)
        if revision is None:
            for name in _PARTS:
                _copy(Path(name), root / name)
        else:
            _unpack(revision, root)
        own = paths.card_path(data_set).parent
        for path in own.iterdir():
            if not (root / path).exists():
                _copy(path, root / path)
        _settle(root, data_set, seed)
        yield root


def rerun(root: Path, data_set: str, told: Callable[[str], None] = lambda _: None) -> Results:
    """Run every stage up to the verdicts in a clean copy.

    Parameters
    ----------
    told
        Is called with the name of each stage before it begins.

    Raises
    ------
    Failed
        With what the stage said that ended with an error.
    """
    scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {name: value for name, value in os.environ.items() if name != quick.VARIABLE}
    if MIRROR_VARIABLE in environment:
        environment[MIRROR_VARIABLE] = str(Path(environment[MIRROR_VARIABLE]).resolve())
    for stage in program.stages():
        told(stage)
        done = subprocess.run(
            [sys.executable, "-m", "pipeline.cli", "stage", stage, data_set],
            cwd=root,
            env=environment | {"PATH": scripts, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise Failed(f"{stage} ended with code {done.returncode}\n{done.stderr.strip() or done.stdout.strip()}")
    return of_run(data_set, root)


def of_run(data_set: str, root: Path = Path()) -> Results:
    """The results of a run in a folder."""
    judged = root / paths.DECLARED / data_set / "judge"
    facts = {"records": publishing.records(data_set, root), "machine": machine.facts(), "whole": True}
    rows, verdicts = results.read(judged / "results.csv"), results.read(judged / "verdicts.csv")
    return Results(data_set, rows, verdicts, facts, program.files(data_set, root))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_LEFT)
    else:
        shutil.copy(source, target)


def _unpack(revision: str, root: Path) -> None:
    try:
        done = subprocess.run(["git", "archive", "--format=tar", revision], capture_output=True, check=False)
    except OSError:
        raise InputError(
            Problem("git", worded("no_such_program"), worded("git_for_branches"), worded("install_it"))
        ) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise InputError(
            Problem("git", as_is(said), worded("branch_tag_or_commit"), worded("see_branches", revision=revision))
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as packed:
        packed.extractall(root, filter="data")


def _settle(root: Path, data_set: str, seed: int | None) -> None:
    """Parameters of the copy: this data set alone, the mirror where it was, the seed that is asked for."""
    path = root / "params.yaml"
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    values["data_sets"] = [data_set]
    if values.get("mirror"):
        values["mirror"] = str(Path(values["mirror"]).resolve())
    if seed is not None:
        values["seed"] = seed
    path.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), encoding="utf-8")
