"""What `dvc.yaml` declares of the steps of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded

FILE = Path("dvc.yaml")
# A stage that is called in a folder of cards alone, without the program's own files, keeps what the program declares.
PROGRAM = Path(__file__).parents[2]
SET = "${item.set}"
CHOICES = "models/choices.yaml"
_AGAIN = worded("take_dvc_yaml_back")


def stages() -> dict[str, dict[str, Any]]:
    """Stage → its entry in `dvc.yaml`.

    Raises
    ------
    InputError
        For a missing file, or one that declares no stages.
    """
    try:
        place = FILE if FILE.exists() else PROGRAM / FILE
        found = (_parsed(place.read_text(encoding="utf-8")) or {})["stages"]
        assert all({"cmd", "deps", "outs"} <= set(stage) for stage in found.values())
    except FileNotFoundError:
        raise InputError(
            Problem(str(FILE), worded("no_such_file"), worded("file_that_declares_steps"), _AGAIN)
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, AttributeError, AssertionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            Problem(str(FILE), worded("no_list_of_steps"), worded("stages_with_cmd"), _AGAIN, mark and mark.line + 1)
        ) from None
    return found


@lru_cache(maxsize=1)
def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def parameters(stage: str) -> list[str]:
    """Names of the blocks of `params.yaml` that a stage declares."""
    return [str(name) for name in _params(stage) if not isinstance(name, dict)]


def choices(stage: str) -> list[str]:
    """Names of the choices whose values a stage declares."""
    entries = (name for each in _params(stage) if isinstance(each, dict) for name in each.get(CHOICES) or ())
    return [str(entry).removesuffix(".value") for entry in entries]


def outputs(entry: dict[str, Any]) -> Iterator[str]:
    """Paths that a stage writes; an output may carry options."""
    for part in ("outs", "metrics", "plots"):
        for out in entry.get(part, ()):
            yield from [out] if isinstance(out, str) else out


def _params(stage: str) -> list[Any]:
    return list(stages().get(stage, {}).get("params") or ())
