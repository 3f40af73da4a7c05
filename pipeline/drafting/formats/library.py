"""Libraries that read one family of formats; the project runs without them."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from pipeline.core.errors import InputError, Problem, worded


def imported(name: str, path: Path) -> ModuleType:
    """The library that reads a file.

    Raises
    ------
    InputError
        When it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        package = name.replace("_", "-")
        fix = worded("uv sync (group `formats`), pip install {package}, or save the table as CSV", package=package)
        raise InputError(
            Problem(
                str(path), worded("the library {package} is not installed", package=package), "it reads such files", fix
            )
        ) from None
