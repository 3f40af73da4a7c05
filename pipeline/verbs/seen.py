"""What was seen when a card met its data: files, cleaning, items, groups, measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.cards.parts import present
from pipeline.verbs import testable
from pipeline.wording import columns
from pipeline.wording.words import listed, said

if TYPE_CHECKING:
    from pipeline.verbs.dry_run import Tried
    from reports.texts import Texts

# Of a range so large a share is worth a word when nobody uses it.
UNUSED = 0.4


def told(found: Tried, texts: Texts) -> list[str]:
    """Everything that is worth a look before a run."""
    lines = [*_files(found), *_cleaning(found, texts)]
    for part in found.card.parts:
        table = found.table(part)
        lines += {"survey": _survey, "panel": _panel, "cohort": _cohort}[part](found, table, texts)
    declared = set(found.card.groups)
    lines += [
        said("group_asked", name=name, hypotheses=listed(ids)) for name, ids in testable.groups_asked(declared).items()
    ]
    return [*lines, said("took", seconds=f"{found.seconds:.1f}")]


def _files(found: Tried) -> Iterator[str]:
    for table, facts in found.files.items():
        if found.card.source.kind == "simulator":
            yield said("simulated_rows", table=table, rows=f"{facts['rows']:,}")
        else:
            yield said("file_read", table=table, file=facts["file"], rows=f"{facts['rows']:,}")
        if "blank_rows" in facts:
            yield said("blank_rows_there", n=facts["blank_rows"])


def _cleaning(found: Tried, texts: Texts) -> Iterator[str]:
    """What each step left out, and what stays."""
    few = f"< {found.card.smallest_cell}"
    for step in found.ledger.itertuples():
        lost = step.rows_before - step.rows_after
        if step.unit_before == step.unit_after and not lost <= 0:
            unit = texts(f"counted.{step.unit_after}")
            yield said(
                "left_out_at", n=few if pd.isna(lost) else f"{lost:,.0f}", unit=unit, rule=texts.remarks(step.rule)
            )


def _survey(found: Tried, answers: pd.DataFrame, texts: Texts) -> Iterator[str]:
    from models import measurement

    card = found.card
    yield said("cleaned_part", part=said("kind_of_survey"), n=f"{len(answers):,}")
    unassigned = sum(not item.construct for item in card.items)
    left_open = said("items_open", n=unassigned) if unassigned else ""
    yield said("items_of", items=len(card.items), constructs=len(card.codebook), left_open=left_open)
    described = measurement.items(answers, card.codebook) if card.codebook else pd.DataFrame()
    rest = dict(zip(described.get("item", ()), described.get("item_total", ()), strict=True))
    rows = []
    for item in card.items:
        given = answers[item.name].dropna()
        r = rest.get(item.name, np.nan)
        alone = item.construct and len(card.codebook[item.construct]) == 1
        rows.append(
            [
                columns.short(item.shown, 24),
                texts.construct(item.construct) if item.construct else said("not_asked"),
                f"{item.low:g}–{item.high:g}",
                f"{given.min():g}–{given.max():g}" if len(given) else "–",
                f"{len(given):,}",
                f"{r:.2f}" if np.isfinite(r) else "–",
                _remark(r, bool(alone), item.low, item.high, given),
            ]
        )
    head = ("item", "construct", "range", "seen", "answers", "rest", "remark")
    yield from columns.aligned([said(f"head_{name}") for name in head], rows, right=[4, 5])
    yield _groups(answers, list(present(card.survey).groups), texts)


def _remark(r: float, alone: bool, low: float, high: float, given: pd.Series) -> str:
    if alone:
        return said("single_item")
    if r < 0:
        return said("runs_against")
    unused = 1 - (given.max() - given.min()) / (high - low) if len(given) else 0.0
    return said("range_unused", share=f"{unused:.0%}") if unused >= UNUSED else ""


def _groups(table: pd.DataFrame, names: list[str], texts: Texts) -> str:
    """Every grouping with the size of its groups."""
    shown = []
    for name in names:
        counts = table[name].value_counts()
        sizes = listed(said("size_of", level=texts.level(level, name), n=f"{n:,}") for level, n in counts.items())
        shown.append(said("group_sizes", name=texts.group(name), sizes=sizes))
    return said("groups_there", names=listed(shown) if shown else said("no_groups"))


def _panel(found: Tried, table: pd.DataFrame, texts: Texts) -> Iterator[str]:
    panel = present(found.card.panel)
    yield said("panel_there", users=f"{table['entity'].nunique():,}", periods=f"{table['time'].nunique():,}")
    for name in panel.every_measure:
        mean, missing = f"{table[name].mean():.3g}", f"{table[name].isna().mean():.1%}"
        yield said("measure_there", name=texts.construct(name), mean=mean, missing=missing)
    first = table.drop_duplicates("entity")
    yield _groups(first, list(panel.groups), texts)


def _cohort(found: Tried, table: pd.DataFrame, texts: Texts) -> Iterator[str]:
    yield said("cohort_there", subjects=f"{len(table):,}", events=f"{int(table['event'].sum()):,}")
