"""What of a mechanism a survey measures: the remarks of its models, beside what rests on them."""

from __future__ import annotations

from reports.reading import Report
from reports.texts import Texts


def sentence(report: Report, texts: Texts, model: str) -> str:
    """Which levels stand for the mechanisms of a model; empty where every level is measured."""
    notes = report.table("remarks", sample="survey", model=model, quantity="measured")["note"]
    said = texts("punctuation.clauses").join(texts.remarks(note) for note in dict.fromkeys(notes))
    return texts("note.measured_in_part", x=said) if said else ""
