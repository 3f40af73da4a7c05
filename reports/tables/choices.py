"""The choices of the analysis with the values that the stages recorded, what each decides, and where it comes from."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from models.choices import Choice, declared
from pipeline.core import blocks
from reports import definitions, numbers
from reports.chosen import written
from reports.exhibits import TEXT, Table
from reports.reading import Report
from reports.texts import Texts


def choices(report: Report, texts: Texts) -> list[Table]:
    """One row a choice that a stage of this data set reads, those of `params.yaml` before those of the models."""
    records = {stage: record for stage, record in report.records.items() if _counts(report, stage)}
    used: dict[tuple[str, str], list[str]] = {}
    usual: dict[str, str] = {}
    for stage, record in records.items():
        usual |= {name: _shown(name, value, texts) for name, value in _places(record).items()}
        for name, value in [*_parameters(record, texts), *record["choices"].items()]:
            used.setdefault((name, _shown(name, value, texts)), []).append(stage)
    known = declared()
    order = {name: place for place, name in enumerate(known)}
    body = [
        [name, value, *_told(name, value, usual.get(name, ""), known, texts), ", ".join(stages)]
        for (name, value), stages in sorted(used.items(), key=lambda entry: order.get(entry[0][0], -1))
    ]
    return [
        Table(
            name="choices",
            caption=texts("caption.choices"),
            head=[texts(f"head.{part}") for part in ("choice", "chosen", "chosen_for", "source", "stage")],
            kinds=[TEXT] * 5,
            rows=body,
            stages=list(records),
            notes=[texts("note.choices")],
            fold=True,
        )
    ]


def _counts(report: Report, stage: str) -> bool:
    """Whether a stage had anything to do: one that estimates has rows in the results."""
    return stage not in ("measure", "structure", "panel") or report.rows["stage"].eq(stage).any()


def _parameters(record: dict[str, Any], texts: Texts) -> list[tuple[str, Any]]:
    """The parameters that are choices, by their place in `params.yaml`.

    What a card or a quick look says in the place of a parameter is what was used, of what only runs know too.
    """
    found = _places(record) | record["used"]
    own = blocks.chosen()
    return [(place, value) for place, value in found.items() if place in own or texts.maybe(f"parameter.{place}", "")]


def _places(record: dict[str, Any]) -> dict[str, Any]:
    """Place in `params.yaml` → its value."""
    nested = {name: block for name, block in record["parameters"].items() if isinstance(block, dict)}
    return {f"{name}.{part}": value for name, block in nested.items() for part, value in block.items()}


def _shown(name: str, value: Any, texts: Texts) -> str:
    if isinstance(value, list):
        return texts.listing([texts.maybe(f"flag.{one}", str(one)) for one in value])
    if isinstance(value, str):
        return texts.maybe(f"chosen.{name}.{value}", value)
    return written(value) if isinstance(value, int | float) else str(value)


def _told(name: str, value: str, usual: str, known: dict[str, Choice], texts: Texts) -> tuple[str, str]:
    """What a choice decides, and its source or the reason for it; of a parameter those of the project's own value."""
    if name in known:
        return texts.pick(known[name].decides), _source(known[name], texts)
    if name not in (own := blocks.chosen()):
        return texts(f"parameter.{name}"), texts("source.instead", usual=usual or numbers.EMPTY)
    if value != usual:
        source = texts("source.instead", usual=usual)
    else:
        source = _source(own[name], texts) if value == _shown(name, own[name].value, texts) else "params.yaml"
    return texts.pick(own[name].decides), source


def _source(choice: Choice | blocks.Chosen, texts: Texts) -> str:
    cited = definitions.cited(choice.source, choice.doi) if choice.source else ""
    reason = texts("source.reason", reason=texts.pick(choice.reason)) if choice.reason else ""
    return Markup(texts("punctuation.clauses")).join(filter(None, [cited, reason]))
