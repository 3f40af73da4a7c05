"""What `dvc.yaml` declares of the steps of the pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pipeline.core.errors import InputError, Problem

FILE = Path("dvc.yaml")
_AGAIN = "unpack the project again, or take the file back: git checkout dvc.yaml"


def stages() -> dict[str, dict[str, Any]]:
    """Stage → its entry in `dvc.yaml`.

    Raises
    ------
    InputError
        For a missing file, or one that declares no stages.
    """
    try:
        found = (yaml.safe_load(FILE.read_text(encoding="utf-8")) or {})["stages"]
        assert all({"cmd", "deps", "outs"} <= set(stage) for stage in found.values())
    except FileNotFoundError:
        raise InputError(Problem(str(FILE), "no such file", "the file that declares the steps", _AGAIN)) from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, AttributeError, AssertionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            Problem(str(FILE), "no list of steps", "stages with cmd, deps and outs", _AGAIN, mark and mark.line + 1)
        ) from None
    return found
