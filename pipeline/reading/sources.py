"""Finding a data set's files: mirror, the data set's folder, its package, official address, in this order."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.cards.card import Card
from pipeline.core.errors import InputError, Problem
from pipeline.reading import lines, package_files, parquet_files, text_files
from pipeline.wording.texts import as_is, worded

MIRROR_VARIABLE = "STICKINESS_MIRROR"
# What an address may hold as it is; blanks and letters beyond ASCII are written in percent signs.
WRITTEN = "%:/?#[]@!$&'()*+,;=~"


def sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def mirror(declared: str | None) -> Path | None:
    """Folder in which files are looked for first (environment variable, else `mirror` of params.yaml)."""
    name = os.environ.get(MIRROR_VARIABLE) or declared
    return Path(name) if name else None


def locate(card: Card, table: str, declared: str | None, download_to: Path) -> Path:
    """Path of a table's file, its checksum verified.

    Raises
    ------
    InputError
        When the file is nowhere, or is not the one that the card describes; the message names the official source.
    """
    entry = card.source.files[table]
    candidates = []
    if (folder := mirror(declared)) is not None:
        candidates.append(folder / card.id / Path(entry.path).name)
    candidates.append(card.path.parent / entry.path)
    for candidate in candidates:
        if _there(candidate):
            return _verified(card, table, candidate)
    if card.source.kind == "package":
        return _verified(card, table, package_files.found(card, entry.path, download_to))
    if entry.url:
        return _verified(card, table, _download(card, table, entry.url, download_to))
    raise InputError(
        Problem(
            str(card.path),
            worded("no_file_of_table", name=Path(entry.path).name, table=table),
            worded("file_in_mirror", variable=MIRROR_VARIABLE, id=card.id, folder=card.path.parent),
            worded("get_it_from", official=card.source.official),
            column=f"source.files.{table}",
        )
    )


def _there(path: Path) -> bool:
    """Whether there is such a file; a name that cannot be one is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _verified(card: Card, table: str, path: Path) -> Path:
    found, expected = sha256(path), card.source.files[table].sha256
    if found != expected:
        raise InputError(
            Problem(
                str(path),
                worded("sha256_found", found=found),
                worded("sha256_of_card", expected=expected, path=card.path),
                worded(
                    "file_altered",
                    official=card.source.official,
                ),
                column=f"source.files.{table}.sha256",
            )
        )
    return path


def _download(card: Card, table: str, url: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / Path(card.source.files[table].path).name
    try:
        with (
            urllib.request.urlopen(urllib.parse.quote(url, safe=WRITTEN), timeout=60) as response,
            target.open("wb") as out,
        ):
            total, done = int(response.headers.get("Content-Length") or 0), 0
            while block := response.read(1 << 18):
                out.write(block)
                done += len(block)
                share = f"{done / total:4.0%}" if total else f"{done / 1e6:.1f} MB"
                sys.stderr.write(f"\r    {card.id}: {target.name} {share}")
            sys.stderr.write("\n")
    except (OSError, http.client.HTTPException, ValueError) as error:
        target.unlink(missing_ok=True)
        raise InputError(
            Problem(
                str(card.path),
                worded("could_not_fetch", url=url, error=error),
                worded("reachable_address_or_mirror"),
                worded("get_by_hand", official=card.source.official, id=card.id),
                column=f"source.files.{table}.url",
            )
        ) from None
    return target


class Read(NamedTuple):
    """A table and what its reader noticed.

    Attributes
    ----------
    noticed
        For the provenance; nothing for a table that is as it should be: its `lines` where rows do not follow one
        another, rows that are blank (`blank_rows`) or end with a separator more (`trailing_separators`).
    """

    frame: pd.DataFrame
    noticed: dict[str, Any]


def read(card: Card, table: str, path: Path) -> Read:
    """Read a source file as it is: no recoding, rows in the file's order, ids as they are written, blank rows left out.

    Raises
    ------
    InputError
        For an empty or damaged file, one that is no table, or one in which the card's columns do not occur.
    """
    entry = card.source.files[table]
    form, first = entry.form, entry.first_line
    noticed: dict[str, Any] = {}
    try:
        if form == "parquet":
            frame = parquet_files.read(card, table, path)
            numbered = lines.of_rows((), first, len(frame))
        else:
            frame, counted = text_files.read(card, table, path, form)
            numbered = lines.of_rows(counted.jumps, first, len(frame))
            noticed = {"trailing_separators": counted.trailing} if counted.trailing else {}
    except (pd.errors.ParserError, OSError, ValueError, KeyError, MemoryError) as error:
        fix = worded("check_source_files_in", table=table, path=card.path)
        raise InputError(Problem(str(path), as_is(str(error)), worded("file_as_card_says", form=form), fix)) from None
    blank = _blank(frame)
    if blank.any():
        noticed["blank_rows"] = int(blank.sum())
        frame, numbered = frame[~blank].reset_index(drop=True), numbered[~blank]
    if frame.empty:
        raise InputError(
            Problem(
                str(path),
                worded("no_data_rows"),
                worded("at_least_one_row"),
                worded("get_again_from", official=card.source.official),
            )
        )
    jumps = lines.jumps_of(numbered, first)
    return Read(frame, noticed | ({"lines": jumps} if jumps else {}))


def _blank(frame: pd.DataFrame) -> np.ndarray:
    """Rows in which nothing stands."""
    blank = np.ones(len(frame), dtype=bool)
    for name in frame.columns:
        column = frame[name]
        nothing = column.isna() if column.dtype != object and column.dtype != "str" else column.isna() | (column == "")
        blank &= nothing.to_numpy(dtype=bool)
        if not blank.any():
            break
    return blank
