"""The theory, its specifications and the choices of the analysis, checked before anything is computed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import models
from models import specs
from models.choices import FILE as CHOICES
from models.choices import findings as findings_on_choices
from models.messages.forms import made
from models.specs import multiverse
from models.theory import Finding
from pipeline.core import params, paths, yaml_files
from pipeline.core.blocks import Parameters
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import as_is, either, worded

# How somebody may have named a file that is meant to be read; of them `.lav` is.
TEXTS = (".lav", ".yml", ".yaml", ".txt")
ROOT = Path(models.__file__).parent.parent
# What a process has found to be right, those that it starts take as checked while the files are the same.
CHECKED, MAIN_CHECKED = "STICKINESS_CHECKED", "STICKINESS_MAIN_CHECKED"


def check(root: Path | None = None) -> None:
    """Check every file of `models/theory` and `models/specs`, and `models/choices.yaml`.

    Parameters
    ----------
    root
        The folder that `models` lies in; that of the running program if not given.

    Raises
    ------
    InputError
        With every finding: file, line, what was found, what is expected, the nearest name.
    """
    root = root or ROOT
    paths = sorted(path for room in ("theory", "specs") for path in (root / "models" / room).rglob("*.*"))
    state = _state([*paths, root / CHOICES])
    if os.environ.get(CHECKED) == state:
        return
    documents: dict[str, yaml_files.Document] = {}
    files: dict[str, Any] = {}
    problems: list[Problem] = []
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            if path.suffix == ".yaml":
                documents[name] = yaml_files.read(path)
                files[name] = documents[name].value
            elif path.suffix.lower() in TEXTS:
                files[name] = yaml_files.text(path)
        except InputError as error:
            problems += [replace(problem, file=name) for problem in error.problems]
    if not problems:
        problems = [_problem(finding, documents.get(finding.file)) for finding in specs.findings(files)]
    problems += _of_choices(root)
    if problems:
        raise InputError(problems)
    os.environ[CHECKED] = state


def check_with_parameters() -> Parameters:
    """Check the declarations, the parameters, and whether the multiverse has the main analysis that these set.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    check()
    found = paths.params()
    state = f"{_state([ROOT / multiverse.FILE])} {found.structure.estimator} {found.structure.missing}"
    if os.environ.get(MAIN_CHECKED) != state:
        if problems := list(_of_main(found)):
            raise InputError(problems)
        os.environ[MAIN_CHECKED] = state
    return found


def _of_main(parameters: Parameters) -> Iterator[Problem]:
    """Estimator and handling of gaps that the multiverse does not offer, or that a bar keeps apart."""
    document = yaml_files.read(ROOT / multiverse.FILE)
    declared: multiverse.Multiverse = made(multiverse.Multiverse, document.value["survey"])
    given = {"estimator": parameters.structure.estimator, "answers": parameters.structure.missing}
    main = {"estimator": given["estimator"], "answers": multiverse.ANSWERS[given["answers"]]}
    for choice in declared.lacking(main):
        entry = {"answers": "missing"}.get(choice.name, choice.name)
        yield Problem(
            str(params.FILE),
            as_is(given[choice.name]),
            worded(
                "main_among_alternatives", choice=choice.name, file=multiverse.FILE, names=", ".join(choice.offered)
            ),
            worded("declare_main_or_set_another", name=main[choice.name], choice=choice.name, file=multiverse.FILE),
            yaml_files.read(params.FILE).line(("structure", entry)),
            f"structure.{entry}",
        )
    for place in declared.barring(main):
        at = ("survey", "never", place, "together")
        yield Problem(
            multiverse.FILE,
            as_is("; ".join(declared.never[place].together)),
            worded("not_the_main_analysis", main=", ".join(f"{entry}: {value}" for entry, value in main.items())),
            worded("take_bar_out_or_set_another"),
            document.line(at),
            ".".join(map(str, at)),
        )


def _state(files: Iterable[Path]) -> str:
    """A digest of the files, by place and content."""
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(f"{path}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _of_choices(root: Path) -> list[Problem]:
    try:
        document = yaml_files.read(root / CHOICES)
    except InputError as error:
        return [replace(problem, file=CHOICES) for problem in error.problems]
    return [_problem(finding, document) for finding in findings_on_choices(document.value)]


def _problem(finding: Finding, document: yaml_files.Document | None) -> Problem:
    fix = worded("did_you_mean", meant=either(finding.near)) if finding.near else worded("correct_it_there")
    if document is None:
        row = int(finding.at[0]) if finding.at else None
        return Problem(finding.file, as_is(finding.found), as_is(finding.expected), fix, row)
    column = ".".join(map(str, finding.at)) or None
    return Problem(finding.file, as_is(finding.found), as_is(finding.expected), fix, document.line(finding.at), column)
