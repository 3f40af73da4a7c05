"""What results that are asked for rest on: whether they still stand for the data, the program and the parameters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import models
from pipeline.core import handed, paths
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded

# Computed when asked for, and shown where it is there.
ON_DEMAND = ("multiverse", "null")
# Files of the pipeline that hand data, parameters and seeds to what computes them.
HANDING = (
    "pipeline/multiverse.py",
    "pipeline/null.py",
    "pipeline/cards/*.py",
    "pipeline/core/*.py",
    "pipeline/cleaning/panel_file.py",
)
# Beside a page: what it shows of them.
SHOWN = "on_demand.json"


def asked(data_set: str) -> list[Path]:
    """Where results lie that were asked for."""
    return [path for what in ON_DEMAND if (path := paths.of(data_set, what, "results.csv")).exists()]


def stands(data_set: str, what: str) -> bool:
    """Whether what was computed on demand is of the data, the program and the parameters as they are now."""
    if not paths.of(data_set, what, "results.csv").exists():
        return False
    try:
        of = facts(data_set, what)["of"]
    except (OSError, ValueError, TypeError, KeyError):  # cut off, or of a program that wrote other facts
        return False
    return bool(of == rests_on(data_set))


def facts(data_set: str, what: str) -> dict[str, Any]:
    """What was written beside results that were asked for: what they rest on, and what they were computed with."""
    return json.loads(paths.of(data_set, what, "facts.json").read_text(encoding="utf-8"))


def shown(data_set: str) -> dict[str, str]:
    """What was computed on demand and still stands → the digest of its results, which are those a page shows."""
    return {what: digest_of([paths.of(data_set, what, "results.csv")]) for what in ON_DEMAND if stands(data_set, what)}


def page(data_set: str) -> Path:
    """Where the page of a data set is drawn."""
    return paths.RESULTS / "pages" / data_set


def note_shown(data_set: str, folder: Path) -> None:
    """Write beside a page, before it is drawn, what it will show of results that are asked for."""
    (folder / SHOWN).write_text(json.dumps(shown(data_set)) + "\n", encoding="utf-8")


def unsettle(data_set: str) -> None:
    """Mark a page as not what it was, for `dvc repro` too, when there is more to show."""
    (page(data_set) / SHOWN).unlink(missing_ok=True)


def outdated(data_set: str) -> bool:
    """Whether a page shows other results that are asked for than those that stand now."""
    try:
        return bool(json.loads((page(data_set) / SHOWN).read_text(encoding="utf-8")) != shown(data_set))
    except (OSError, ValueError):
        return True


def rests_on(data_set: str) -> dict[str, str]:
    """Digests of what the results that are asked for rest on, to tell later whether they still do."""
    clean = sorted(paths.of(data_set, "clean").glob("*.parquet"))
    steps = ("structure", "panel")
    return {
        "data": digest_of([paths.card_path(data_set), *clean]),
        "program": digest_of(program()),
        "parameters": sha256(repr([sorted(handed.to(step).items(), key=str) for step in steps]).encode()).hexdigest(),
    }


def still(before: dict[str, str], data_set: str) -> dict[str, str]:
    """What results rest on that were computed since `rests_on` said the same.

    Raises
    ------
    InputError
        When it says something else now: nobody can tell with what they were computed.
    """
    now = rests_on(data_set)
    data = f"{paths.card_path(data_set).as_posix()}, {paths.of(data_set, 'clean').as_posix()}"
    places = {"data": data, "program": "models", "parameters": "params.yaml"}
    changed = [place for part, place in places.items() if now[part] != before[part]]
    if changed:
        fix = worded("nothing_written_so_ask_again")
        said = worded("changed_meanwhile"), worded("same_from_begin_to_end"), fix
        raise InputError(Problem(", ".join(changed), *said))
    return now


def digest_of(files: Sequence[Path]) -> str:
    """SHA-256 of the names and the contents of files."""
    found = sha256()
    for path in files:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def program() -> list[Path]:
    """The files that compute, and the pinned versions; the words of remarks and of the command line compute nothing."""
    root = Path(models.__file__).parents[1]
    words, pins = root / "models/remarks/catalogue", root / "requirements.txt"
    code = [path for path in (root / "models").rglob("*.*") if path.suffix in (".py", ".yaml", ".lav")]
    handing = [path for room in HANDING for path in root.glob(room)]
    return [*sorted(path for path in code if words not in path.parents), *sorted(handing), *[pins] * pins.exists()]
