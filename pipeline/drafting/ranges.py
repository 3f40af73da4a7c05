"""The scale on which a block of questions is answered."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.wording.texts import Worded, worded

USUAL = (5, 7, 9, 10, 11)


def labelled(labels: dict[str, str], codes: Iterable[str]) -> tuple[int, int] | None:
    """Lowest and highest labelled value that is no code for no answer; None where fewer than three are labelled."""
    values = [int(v) for v in labels if v.lstrip("-").isdigit() and v not in set(codes)]
    return (min(values), max(values)) if len(values) >= 2 and max(values) - min(values) >= 2 else None


def seen(low: float, high: float, others: Iterable[float]) -> tuple[int, int, Worded]:
    """The scale of a block of which answers from low to high were seen, and by which rule.

    Parameters
    ----------
    others
        Highest answers of the other blocks: a scale that is used elsewhere, and is one point longer, is meant.
    """
    start = 0 if low <= 0 else 1
    end = next((usual for usual in (3, 4, *USUAL) if usual + start - 1 >= high), int(high)) + start - 1
    longer = [int(other) for other in others if other == end + 1 and other - start + 1 in USUAL]
    if longer:
        return (
            start,
            longer[0],
            worded(
                "other_questions_reach",
                low=low,
                high=high,
                longer=longer[0],
            ),
        )
    if end > high:
        return (
            start,
            end,
            worded(
                "usual_scale_around",
                low=low,
                high=high,
                start=start,
                end=end,
            ),
        )
    return start, end, worded("answers_seen", low=low, high=high)
