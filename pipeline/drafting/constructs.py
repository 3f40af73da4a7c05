"""Which construct of the theory a block of questions may stand for: proposed with a reason, or left open."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from models import theory
from models.messages.yaml_text import parsed
from pipeline.drafting.blocks import Block, Question
from pipeline.wording.texts import Worded, worded

# So large a share of the wordings must point to a construct, and so much larger must it be than that of any other.
SHARE, LEAD = 0.6, 0.3
# A beginning of so many letters that all wordings share is the stem of a matrix.
LONG = 12
# Staying with a platform is both the outcome and its consequence; questionnaires called loyalty mix them.
OUTCOMES = ("stickiness", "loyalty")


@dataclass(frozen=True)
class Guess:
    """A proposal. `construct` is None where it is left open; `candidates`: thought of, best first."""

    construct: str | None
    reason: Worded
    candidates: tuple[str, ...] = ()


@cache
def _cues() -> dict[str, dict[str, re.Pattern[str]]]:
    text = Path(__file__).with_name("cues.yaml").read_text(encoding="utf-8")
    known = theory.constructs()
    return {
        name: {part: re.compile("|".join(f"(?:{cue})" for cue in entry[part])) for part in ("wording", "names")}
        for name, entry in parsed(text).items()
        if name in known
    }


def guess(block: Block) -> Guess:
    """The construct that most wordings point to and no other nearly as often; else by the block's name alone."""
    wordings = _own_words([question.wording.lower() for question in block.questions])
    shares = {
        name: sum(bool(cue["wording"].search(text)) for text in wordings) / len(wordings)
        for name, cue in _cues().items()
    }
    if shares["trust"] and max(share for name, share in shares.items() if name.startswith("trust_")) >= SHARE:
        shares["trust"] = 0.0  # a level says more than the whole
    ranked = sorted((name for name in shares if shares[name] > 0), key=lambda name: -shares[name])
    name = "" if block.name == block.questions[0].wording else block.name
    title = f"{name} {block.questions[0].stem}".lower().replace("_", " ")
    named = [name for name, cue in _cues().items() if cue["names"].search(title)]
    named = [name for name in named if not any(other != name and other.startswith(name) for other in named)]
    candidates = tuple(dict.fromkeys([*named, *ranked[:3]]))
    if set(OUTCOMES) <= set(candidates):
        return Guess(None, worded("intention_and_staying_alike"), candidates)
    if ranked:
        best, second = ranked[0], shares[ranked[1]] if len(ranked) > 1 else 0.0
        hits = round(shares[best] * len(wordings))
        if shares[best] >= SHARE and shares[best] - second >= LEAD and (not named or best in named):
            return Guess(best, worded("wordings_speak_of_construct", hits=hits, n=len(wordings)), candidates)
    if len(named) == 1 and not any(shares[name] >= LEAD for name in ranked if name != named[0]):
        return Guess(named[0], worded("by_name_alone", name=block.name), candidates)
    if candidates:
        return Guess(None, worded("several_constructs"), candidates)
    return Guess(None, worded("nothing_points_to_construct") if any(wordings) else worded("names_say_nothing"))


def parted(block: Block) -> list[Block]:
    """Neighbours whose wordings turn from one construct to another, a block each; others stay together."""
    parts: list[tuple[str | None, list[Question]]] = []
    for question in block.questions if block.by_neighbourhood else ():
        construct = _pointed(question.wording.lower())
        before, members = parts[-1] if parts else (construct, [])
        if parts and (construct is None or before is None or construct == before):
            parts[-1] = before or construct, [*members, question]
        else:
            parts.append((construct, [question]))
    if len(parts) < 2 or any(len(members) < 2 for _, members in parts):
        return [block]
    return [replace(block, name=members[0].column, questions=members) for _, members in parts]


def _pointed(wording: str) -> str | None:
    """The only construct that a wording points to."""
    found = {name for name, cue in _cues().items() if cue["wording"].search(wording)}
    if any(name.startswith("trust_") for name in found):
        found -= {"trust"}
    return found.pop() if len(found) == 1 else None


def _own_words(wordings: list[str]) -> list[str]:
    """Wordings without what all of them begin with."""
    shared = os.path.commonprefix(wordings)
    cut = max(shared.rfind(mark) for mark in " ?:：—？") + 1
    return [text[cut:] for text in wordings] if len(wordings) > 2 and cut > LONG else wordings
