"""Answers that are words of a scale (非常同意, strongly agree, sometimes) as the numbers of their places."""

from __future__ import annotations

import re

from pipeline.wording.texts import Worded, worded

_STRONG = re.compile(r"strongly|completely|totally|extremely|very|absolutely|非常|完全|极其|十分|强烈|很")
_WEAK = re.compile(r"somewhat|slightly|rather|a little|fairly|moderately|partly|mostly|有点|有些|稍微|比较|较|略|基本")
_MIDDLE = re.compile(r"neither|neutral|undecided|not sure|uncertain|一般|中立|不确定|说不清|无所谓|普通|没意见")
_NEGATIVE = re.compile(r"disagree|dissatisfied|unlikely|unimportant|\bnot?\b|不")
_ABOUT = re.compile(r"agree|satisfied|likely|important|true|applies|同意|满意|符合|赞[同成]|认同|愿意|可能|重要|喜欢")
_NUMBERED = re.compile(r"^\s*([0-9]{1,2})\s*(?:[=:：、.)）-]|分)?\s*\D*$")
ORDERS = (
    ("never", "rarely", "sometimes", "often", "always"),
    ("never", "seldom", "sometimes", "often", "always"),
    ("never", "rarely", "sometimes", "often", "very often"),
    ("从不", "很少", "有时", "经常", "总是"),
    ("从不", "偶尔", "有时", "经常", "总是"),
    ("从未", "很少", "偶尔", "有时", "经常"),
)
FEWEST = 3


def places(labels: set[str]) -> tuple[dict[str, int], Worded] | None:
    """Label → its place on the scale, and by which rule; None where the labels are no scale.

    A number at the start of every label is its place. Otherwise words are ordered by direction (not, 不) and strength;
    a place that nobody chose is supposed where its mirror image was chosen.
    """
    found = {label: _NUMBERED.match(label) for label in labels}
    if len(labels) >= FEWEST and all(found.values()) and not all(label.isdigit() for label in labels):
        numbers = {label: int(match[1]) for label, match in found.items() if match}
        return (numbers, worded("number_before_label")) if len(set(numbers.values())) == len(labels) else None
    lower = {label: re.sub(r"\s+", " ", label.strip().lower()) for label in labels}
    for order in ORDERS:
        if len(labels) >= FEWEST and set(lower.values()) <= set(order):
            return {label: order.index(text) + 1 for label, text in lower.items()}, worded("words_of_frequency")
    scores = {label: _score(text) for label, text in lower.items()}
    known = [score for score in scores.values() if score is not None]
    if len(known) < len(labels) or len(set(known)) < max(FEWEST, len(labels)) or not (min(known) < 0 < max(known)):
        return None
    steps = sorted({*known, *(-score for score in known)})
    numbers = {label: steps.index(score) + 1 for label, score in scores.items() if score is not None}
    return numbers, worded("words_of_agreement", n=len(steps))


def _score(text: str) -> int | None:
    if _MIDDLE.search(text):
        return 0
    if not _ABOUT.search(text):
        return None
    strength = 1 if _WEAK.search(text) else 3 if _STRONG.search(text) else 2
    return -strength if _NEGATIVE.search(text) else strength
