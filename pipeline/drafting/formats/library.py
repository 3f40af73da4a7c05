"""Libraries that read one family of formats; the project runs without them."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded


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
        fix = worded("install_library", package=package)
        raise InputError(
            Problem(str(path), worded("library_not_installed", package=package), worded("it_reads_such_files"), fix)
        ) from None
