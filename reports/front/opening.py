"""What was asked, what was found and how sure it is, in a few lines made from the results."""

from __future__ import annotations

from collections import Counter
from typing import Any

from markupsafe import Markup

from models import theory
from reports import numbers
from reports.front.matrix import UNTESTED, effect, tested
from reports.front.sets import Summary, sized, title
from reports.synthesis import sentences
from reports.synthesis.found import Found
from reports.tables.verdicts import MARKS
from reports.texts import Texts

# So many columns of verdicts are told one by one; more are told by their means.
FEW = 3


def columns(found: list[Summary]) -> list[tuple[Summary, str, list[dict[str, Any]]]]:
    """Data sets and kinds of test, with their verdicts."""
    return [
        (entry, kind, [row for row in entry["verdicts"] if row["kind"] == kind])
        for entry in found
        for kind in entry["kinds"]
    ]


def paragraphs(found: list[Summary], together: Found, texts: Texts) -> list[Markup]:
    """Asked, found, how sure: a paragraph each."""
    said = {"asked": [_asked(found, texts)], "found": _found(found, together, texts), "sure": _sure(found, texts)}
    between = {"asked": "", "found": "<br>", "sure": texts("punctuation.space")}
    return [
        Markup("<strong>{}</strong> {}").format(texts(f"site.opening.{name}"), Markup(between[name]).join(parts))
        for name, parts in said.items()
    ]


def _asked(found: list[Summary], texts: Texts) -> str:
    counts = {"n": numbers.count(len(theory.hypotheses())), "sets": numbers.count(len(found))}
    return texts("site.opening.what", **counts)


def _found(found: list[Summary], together: Found, texts: Texts) -> list[Markup | str]:
    if not told_apart(found) and together.data_sets:
        return list(sentences.lead(together, texts))
    return [_of_set(entry, kind, rows, texts) for entry, kind, rows in columns(found)]


def _of_set(entry: Summary, kind: str, rows: list[dict[str, Any]], texts: Texts) -> Markup:
    """The clear verdicts in words, the others by number."""
    parts = []
    for verdict in MARKS:
        of = [row for row in rows if row["verdict"] == verdict]
        if not of or verdict == UNTESTED:
            continue
        clear = verdict in ("supported", "opposite")
        named = [_claim(row, kind, texts) if clear else row["hypothesis"] for row in of]
        listed = Markup(texts("punctuation.list")).join(named)
        parts.append(Markup(texts("punctuation.pair", a="{}", b="{}")).format(texts(f"verdict.{verdict}"), listed))
    said = Markup(texts("punctuation.clauses")).join(parts) if parts else texts("site.opening.nothing")
    name = Markup("{}{}").format(title(entry, texts), texts("punctuation.aside", x=sized(entry, kind, texts)))
    return Markup(texts("punctuation.pair", a="{}", b="{}")).format(name, said) + texts("punctuation.stop")


def _claim(row: dict[str, Any], kind: str, texts: Texts) -> Markup:
    shown = effect(row)
    beta = Markup(texts("punctuation.aside", x="β = {}")).format(shown) if shown else Markup("")
    return Markup("{} {}{}").format(row["hypothesis"], texts.claim(row["hypothesis"], kind), beta)


def _sure(found: list[Summary], texts: Texts) -> list[str]:
    """What no data set tests, which verdicts stand beside a threat, and what to bear in mind of each source."""
    all_, known = len(theory.hypotheses()), len(tested(found))
    said = (
        [texts("site.opening.untested", k=numbers.count(all_ - known), n=numbers.count(all_))] if known < all_ else []
    )
    given = [row for _, _, rows in columns(found) for row in rows if row["verdict"] in ("supported", "opposite")]
    named = Counter(threat for row in given for threat in row.get("threats") or [])
    exposed = sum(bool(row.get("threats")) for row in given)
    if named:
        threat, _ = named.most_common(1)[0]
        counts = {"k": numbers.count(exposed), "n": numbers.count(len(given))}
        said.append(texts("site.opening.exposed", **counts, x=texts.pick(theory.threats()[threat].label)))
    elif given:
        said.append(texts("site.opening.unexposed", n=numbers.count(len(given))))
    return [*said, *(cautions(found, texts) if told_apart(found) else [])]


def told_apart(found: list[Summary]) -> bool:
    """Whether the data sets are so few that each is spoken of."""
    return len(columns(found)) <= FEW


def cautions(found: list[Summary], texts: Texts) -> list[str]:
    """The first caution of each data set."""
    return [
        texts("punctuation.pair", a=texts.pick(entry["title"]), b=texts.pick(entry["caution"]))
        for entry in found
        if entry.get("caution")
    ]


def counted(found: list[Summary], texts: Texts) -> list[dict[str, str]]:
    """How many hypotheses each data set supports, of those that it tests; nothing where there are many data sets."""
    if not told_apart(found):
        return []
    boxes = []
    for entry, kind, rows in columns(found):
        verdicts = Counter(row["verdict"] for row in rows)
        supported, untested = verdicts["supported"], verdicts[UNTESTED]
        if untested == len(rows):
            continue
        others = [f"{verdicts[v]} {texts('verdict.' + v)}" for v in MARKS if v != "supported" and verdicts[v]]
        boxes.append(
            {
                "big": texts("together.of", k=numbers.count(supported), n=numbers.count(len(rows) - untested)),
                "small": texts(
                    "site.supported_in",
                    of=texts.pick(entry["title"]) + texts("punctuation.aside", x=texts(f"kind.{kind}")),
                    others=texts.listing(others),
                ),
            }
        )
    return boxes
