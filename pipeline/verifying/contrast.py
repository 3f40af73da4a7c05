"""Two runs, seeds, branches or data sets side by side: what differs, what matters most first."""

from __future__ import annotations

import math
from pathlib import Path

from pipeline.core import paths, results
from pipeline.core.errors import InputError, Problem, near
from pipeline.verifying import cells, clean_copy, published
from pipeline.verifying.cells import Cell
from pipeline.verifying.published import Results
from pipeline.wording.texts import as_is, worded


def resolved(name: str) -> Results:
    """The results that a name stands for.

    Parameters
    ----------
    name
        `corp_rep`, its last run here; `corp_rep@7`, a rerun with this seed; `corp_rep@main`, a rerun of this
        branch, tag or commit; `published/corp_rep`; or the folder of a data set in the results of any other run.

    Raises
    ------
    InputError
        When there is nothing by this name.
    """
    data_set, _, where = name.partition("@")
    if where and paths.card_path(data_set).exists():
        seed = int(where) if where.isdecimal() else None
        try:
            with clean_copy.clean(data_set, None if seed is not None else where, seed) as root:
                return clean_copy.rerun(root, data_set)
        except clean_copy.Failed as failed:
            problem = Problem(
                name, as_is(str(failed)), worded("rerun_that_ends_well"), worded("run_shows_more", data_set=data_set)
            )
            raise InputError(problem) from None
    folder = Path(name)
    if folder.parent == paths.PUBLISHED and folder.is_dir():
        return published.load(folder.name)
    for place in (folder / "judge", folder, paths.of(name, "judge")):
        if (place / "results.csv").is_file() and (place / "verdicts.csv").is_file():
            rows, verdicts = results.read(place / "results.csv"), results.read(place / "verdicts.csv")
            return Results(folder.name, rows, verdicts, {}, {})
    there = [path.parent.parent.name for path in paths.RESULTS.glob("*/judge/results.csv")]
    raise InputError(
        Problem(
            name,
            worded("no_results_by_this_name"),
            worded("names_of_results"),
            near(data_set, [*there, *(f"published/{each}" for each in published.names())]),
        )
    )


def differences(left: Results, right: Results) -> list[Cell]:
    """Cells that are not the same: verdicts, then what decides, then the others by how far they moved."""
    words, _ = cells.of_verdicts(left.verdicts, right.verdicts)
    numbers, _ = cells.of_rows(left.rows, right.rows)
    return sorted([*words, *numbers], key=weight)


def weight(cell: Cell) -> tuple[int, float]:
    """Where a difference stands in the list; small is first."""
    if cell.table == "verdicts" and cell.column in ("verdict", ""):
        return 0, 0.0
    if not cell.column or isinstance(cell.left, str):
        return (2 if cell.decides else 4), 0.0
    return (1 if cell.decides else 3), -moved(cell)


def moved(cell: Cell) -> float:
    """How far an estimate moved in standard errors; other numbers relative to their size, at most 1."""
    by = cell.difference
    if math.isnan(by):
        return math.inf
    error = float(cell.line.get("se", math.nan))
    if cell.column == "estimate" and error > 0:
        return by / error
    size = max(abs(float(cell.left or 0.0)), abs(float(cell.right or 0.0)))
    return min(by / size, 1.0) if size else 0.0
