"""The codebook of the long results table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from models.results.vocabulary import LANGUAGES, PLACES, Family, columns, tables


def codebook(
    shown: Iterable[tuple[str, str]] | None = None, named: Mapping[tuple[str, str], Iterable[str]] | None = None
) -> pd.DataFrame:
    """What every column means, what it holds in each table, and every quantity.

    Parameters
    ----------
    shown : iterable of (str, str), optional
        Tables and quantities to describe; without it all of the vocabulary.
    named : mapping, optional
        Table and quantity → definitions that rows name, also those of other ways than the usual one.

    Returns
    -------
    DataFrame
        Columns `table` (empty: the column means the same in all), `column`, `value` (a table or quantity), `decides`
        (whether the quantity may decide a hypothesis), `definitions`, and `en`, `zh`, `unit_en`, `unit_zh`.

    Examples
    --------
    >>> from models import results
    >>> found = results.codebook([("items", "mean")])
    >>> found.query("column == 'quantity' and table == 'items'")["value"].tolist()
    ['mean']
    """
    pairs = None if shown is None else set(shown)
    lines = [_line("", column, "", text) for column, text in columns().items()]
    for name, table in tables().items():
        kept = {q for q in table.quantities if pairs is None or (name, q) in pairs}
        if kept:
            lines += _of_table(name, table, kept, named or {})
    return pd.DataFrame(lines)


def _of_table(
    name: str, table: Family, kept: set[str], named: Mapping[tuple[str, str], Iterable[str]]
) -> list[dict[str, object]]:
    lines = [_line(name, "table", name, table.text)]
    lines += [_line(name, place, "", table.places[place]) for place in PLACES if place in table.places]
    if table.counted:
        lines.append(_line(name, "n", "", table.counted))
    for quantity, entry in table.quantities.items():
        if quantity in kept:
            units = {f"unit_{at}": entry.measured[at] for at in LANGUAGES}
            definitions = dict.fromkeys([*entry.definitions, *named.get((name, quantity), ())])
            more = {"decides": entry.decides, "definitions": " ".join(definitions)}
            lines.append(_line(name, "quantity", quantity, entry.text) | more | units)
    return lines


def _line(table: str, column: str, value: str, text: Mapping[str, str]) -> dict[str, object]:
    place: dict[str, object] = {"table": table, "column": column, "value": value, "decides": "", "definitions": ""}
    return place | {at: text[at] for at in LANGUAGES} | {f"unit_{at}": "" for at in LANGUAGES}
