"""The page of `stickiness verify`: what was computed again, what differs, and how far it may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table, table_html
from reports.rendering import frame, template
from reports.texts import Texts, front_link

STATES = ("same", "within", "differs", "missing", "new")


def html(content: dict[str, Any], texts: Texts) -> str:
    """The page in one language.

    Parameters
    ----------
    content
        As in `verification.json`.
    """
    sets = content["data_sets"]
    tables = [_overview(sets, texts), _differences(sets, texts), _changed(sets, texts)]
    tables += [_stability(content, texts), _tolerances(content["tolerances"], texts)]
    return (
        template("verification.html.j2").render(
            **frame(texts, front_link(texts.other)),
            outcome=texts(f"verification.{'passed' if content['passed'] else 'not_passed'}"),
            said=[
                (one["data_set"], texts(f"verification.state.{one['state']}"), one["said"])
                for one in sets
                if one["said"]
            ],
            tables=[table_html(table, Markup("{}").format(table.caption)) for table in tables if table.rows],
        )
        + "\n"
    )


def _overview(sets: list[dict[str, Any]], texts: Texts) -> Table:
    rows = [
        [
            one["data_set"],
            one["published"],
            one["commit"][:10],
            *(numbers.count(one["counts"][state]) if one["counts"] else numbers.EMPTY for state in STATES),
            texts(f"verification.state.{one['state']}"),
        ]
        for one in sets
    ]
    head = ["data_set", "published", "commit", *STATES, "result"]
    return _table("overview", head, [TEXT] * 3 + [NUMBER] * len(STATES) + [TEXT], rows, texts)


def _differences(sets: list[dict[str, Any]], texts: Texts) -> Table:
    rows = [
        [
            one["data_set"],
            texts(f"verification.{found['state']}"),
            found["table"],
            texts("punctuation.list").join(v for k, v in found["row"].items() if k != "table"),
            found["column"],
            _value(found["published"]),
            _value(found["got"]),
            _value(found["by"]),
            _value(found["allowed"]),
            texts(f"verification.kind.{found['kind']}"),
        ]
        for one in sets
        for found in one["differences"]
    ]
    head = ["data_set", "state", "table", "row", "column", "published_value", "got", "by", "allowed", "kind"]
    return _table("differences", head, [TEXT] * 5 + [NUMBER] * 4 + [TEXT], rows, texts)


def _changed(sets: list[dict[str, Any]], texts: Texts) -> Table:
    rows = [
        [one["data_set"], each["what"], texts.maybe(f"verification.how.{each['how']}", each["how"])]
        for one in sets
        for each in one["changed"]
    ]
    return _table("changed", ["data_set", "what", "how"], [TEXT] * 3, rows, texts)


def _stability(content: dict[str, Any], texts: Texts) -> Table:
    rows = [
        [
            one["data_set"],
            one["hypothesis"],
            texts(f"kind.{one['kind']}"),
            _word(one["published"], texts),
            texts.listing([f"{_word(word, texts)} {count}×" for word, count in one["words"].items()]),
            _value(one["lowest"]),
            _value(one["highest"]),
        ]
        for one in content["stability"]
    ]
    head = ["data_set", "hypothesis", "test", "published_word", "words", "lowest", "highest"]
    return _table("stability", head, [TEXT] * 5 + [NUMBER] * 2, rows, texts, n=content["seeds"])


def _tolerances(declared: dict[str, Any], texts: Texts) -> Table:
    rows = []
    for name, kind in declared["kinds"].items():
        how = "errors" if "errors" in kind else "relative"
        tolerance = texts(f"verification.{how}", x=_value(kind[how]))
        rows.append([texts(f"verification.kind.{name}"), tolerance, texts.pick(kind["reason"])])
    elsewhere = declared["elsewhere"]
    tolerance = texts("verification.units", x=elsewhere["units"])
    rows.append([texts("verification.elsewhere"), tolerance, texts.pick(elsewhere["reason"])])
    return _table("tolerances", ["kind", "tolerance", "why"], [TEXT] * 3, rows, texts)


def _table(
    name: str, head: Iterable[str], kinds: list[str], rows: list[list[str]], texts: Texts, **fields: object
) -> Table:
    named = [texts(f"verification.head.{column}") for column in head]
    return Table(
        name=name, caption=texts(f"verification.{name}", **fields), head=named, kinds=kinds, rows=rows, stages=[]
    )


def _word(verdict: str, texts: Texts) -> str:
    return texts.maybe(f"verdict.{verdict.replace(' ', '_')}", verdict)


def _value(value: float | str | None) -> str:
    """A value in the digits in which it is published."""
    if numbers.missing(value):
        return numbers.EMPTY
    return value if isinstance(value, str) else f"{value:.6g}".replace("-", "−")
