"""The theory and its specifications, checked before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import models
from models import specs
from models.theory import Finding
from pipeline.core import yaml_files
from pipeline.core.errors import InputError, Problem, near

ROOT = Path(models.__file__).parent.parent


def check(root: Path = ROOT) -> None:
    """Check every file of `models/theory` and `models/specs`.

    Parameters
    ----------
    root : the folder that `models` lies in.

    Raises
    ------
    InputError
        With every finding: file, line, what was found, what is expected, the nearest name.
    """
    documents: dict[str, yaml_files.Document] = {}
    files: dict[str, Any] = {}
    problems: list[Problem] = []
    for path in sorted(path for room in ("theory", "specs") for path in (root / "models" / room).rglob("*.*")):
        name = path.relative_to(root).as_posix()
        try:
            if path.suffix == ".yaml":
                documents[name] = yaml_files.read(path)
                files[name] = documents[name].value
            elif path.suffix == ".lav":
                files[name] = yaml_files.text(path)
        except InputError as error:
            problems += error.problems
    if not problems:
        problems = [_problem(finding, documents.get(finding.file)) for finding in specs.findings(files)]
    if problems:
        raise InputError(problems)


def _problem(finding: Finding, document: yaml_files.Document | None) -> Problem:
    fix = near(finding.found, finding.near) if finding.near else "correct it there"
    if document is None:
        row = int(finding.at[0]) if finding.at else None
        return Problem(finding.file, finding.found, finding.expected, fix, row)
    column = ".".join(map(str, finding.at)) or None
    return Problem(finding.file, finding.found, finding.expected, fix, document.line(finding.at), column)
