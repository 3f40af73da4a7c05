"""The rule of a hypothesis in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.choices import choices
from models.theory.rules import RULES, Rule
from pipeline.wording.words import listed, said

if TYPE_CHECKING:
    from reports.texts import Texts


def key(test: Rule) -> str:
    """The entry of the catalogue for a rule."""
    name = next(name for name, form in RULES.items() if type(test) is form)
    return f"rule_{name}_{getattr(test, 'by', '')}" if name == "indirect" else f"rule_{name}"


def worded(test: Rule, texts: Texts) -> str:
    """What the estimates must be for the claim to hold."""
    values: dict[str, Any] = {"alpha": f"{choices.alpha:g}", "sign": said("above" if test.sign == "+" else "below")}
    values["members"] = listed(map(texts.term, test.members))
    for side in ("plus", "minus"):
        values[side] = listed(map(texts.level, getattr(test, side, ())))
    values["than"] = texts.term(getattr(test, "than", ""))
    values["by"] = texts.group(getattr(test, "by", ""))
    values["bound"] = f"{getattr(test, 'bound', 0.0):g}"
    return said(key(test), **values)
