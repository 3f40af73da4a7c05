"""From a specification and the measured constructs to the model that a data set can carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files

from models import theory
from models.panel.language.editing import columns
from models.panel.language.editing import write as write_formula
from models.panel.language.formula import name_of
from models.remarks import Remark, remark
from models.sem.language.editing import factor_line, factors, formulas, read, write
from models.sem.language.syntax import Syntax
from models.specs.declared import PanelSpec
from models.specs.lines import NAME, line, statements

# The specification of the theory's own model.
MAIN = "mechanisms"


@dataclass(frozen=True)
class Built:
    """A model cut to what a data set measures.

    Attributes
    ----------
    syntax
        The model in lavaan syntax; empty when nothing of the specification is left.
    left_out
        Pairs (term of the specification, constructs that it lacks).
    remarks
        How an incompletely measured mechanism is represented.
    """

    syntax: str
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    remarks: tuple[Remark, ...]

    @cached_property
    def parsed(self) -> Syntax:
        """What the model says, statement by statement."""
        return read(self.syntax)

    @property
    def latents(self) -> list[str]:
        """Latent variables in the order of their definition."""
        return list(factors(self.parsed))

    @property
    def scales(self) -> dict[str, list[str]]:
        """Latent variable of the first order → its items."""
        listed = factors(self.parsed)
        return {latent: parts for latent, parts in listed.items() if not set(parts) & set(listed)}

    @property
    def relations(self) -> str:
        """The lines that relate latent variables: loadings of higher order, and paths; covariances are left free."""
        kept = formulas(self.parsed, "=~", "~")
        scales = self.scales
        return write(replace(kept, terms=tuple(t for t in kept.terms if t.op == "~" or t.lhs not in scales)))

    def saying(self, syntax: Syntax) -> Built:
        """The same cut of the specification with a changed model."""
        return replace(self, syntax=write(syntax))


@cache
def structural_specs(folder: str = "structural") -> dict[str, str]:
    """Texts of the `.lav` files of a folder by name: the theory's models, the `rivals` or the `interactions`."""
    place = files(__package__) / folder
    found = sorted((f for f in place.iterdir() if f.name.endswith(".lav")), key=lambda f: f.name)
    return {f.name.removesuffix(".lav"): f.read_text(encoding="utf-8") for f in found}


@cache
def names() -> frozenset[str]:
    """Every name that the theory and its models use: constructs, labels of paths, defined effects."""
    texts = [text for folder in ("structural", "rivals", "interactions") for text in structural_specs(folder).values()]
    said = [statement for text in texts for _, statement in statements(text)]
    return frozenset([*theory.constructs(), *NAME.findall("\n".join(said))])


def structural(spec: str, scales: dict[str, list[str]], also: Iterable[str] = ()) -> Built:
    """Cut a structural specification to the constructs that have items and write the measurement part.

    A mechanism with three measured levels is a second-order factor; with two, a second-order factor on which both load
    alike in standard deviations (two loadings are not identified on their own once the factor has a single strong
    neighbour, and equal weights are the neutral choice): mechanism and rest of each level have variances that add up
    to one, so that weights do not depend on the unit that a level would have, that of the first item on the card;
    with one, the factor of that level under the mechanism's name.

    Parameters
    ----------
    spec
        Text in lavaan syntax with `~`, `~~` and `:=` lines over constructs of the theory.
    scales
        Construct → its items.
    also
        Constructs that are measured whether or not a line needs them, so that models share their items.
    """
    offered = theory.offered(set(scales))
    kept: list[str] = []
    left_out: list[tuple[str, tuple[str, ...]]] = []
    labels: set[str] = set()
    for said in (line(text) for _, text in statements(spec)):
        if said.operator == ":=":
            if set(said.uses) <= labels:
                kept.append(said.text)
                labels.add(said.lhs)
            else:
                left_out.append((said.lhs, ()))
            continue
        fitting = set()
        for term in said.terms:
            lacking = tuple(sorted({said.lhs, term.name} - offered))
            if lacking:
                left_out.append((f"{said.lhs} {said.operator} {term.name}", lacking))
            else:
                fitting.add(term.name)
                labels |= {term.label} - {""}
        if fitting:
            kept.append(said.only(fitting))
    named = {*also, *(name for line in kept if ":=" not in line for name in NAME.findall(line))}
    used = [construct for construct in theory.constructs() if construct in named & offered]
    measurement, remarks = _measurement(used, scales)
    return Built("\n".join([*measurement, *kept]) if kept else "", tuple(left_out), tuple(remarks))


def _measurement(used: list[str], scales: dict[str, list[str]]) -> tuple[list[str], list[Remark]]:
    lines, remarks = [], []
    for construct in used:
        if construct in scales:
            lines.append(factor_line(construct, scales[construct]))
            remarks += _alone(construct, scales[construct])
            continue
        measured = [level for level in theory.levels(construct) if level in scales]
        if len(measured) == 1:
            lines.append(factor_line(construct, scales[measured[0]]))
            remarks.append(remark("only_level_measured", construct=construct, level=measured[0]))
            remarks += _alone(construct, scales[measured[0]])
            continue
        equal = len(measured) == 2
        alike = equal and not set(measured) & set(used)
        for level in (level for level in measured if level not in used):
            free = [f"NA*{scales[level][0]}", *scales[level][1:]] if alike else scales[level]
            lines.append(factor_line(level, free))
        remarks += [said for level in measured if level not in used for said in _alone(level, scales[level])]
        lines.append(factor_line(construct, measured, "1" if equal else ""))
        if alike:
            lines += [f"{level} ~~ rest_{construct}*{level}" for level in measured]
            lines += [f"{construct} ~~ own_{construct}*{construct}", f"rest_{construct} == 1 - own_{construct}"]
        if equal:
            remarks.append(remark("equal_weights", construct=construct, first=measured[0], second=measured[1]))
    return lines, remarks


def _alone(construct: str, items: list[str]) -> list[Remark]:
    """What is to be known of a construct with one item, whose error variance the model sets to zero."""
    return [remark("one_item_no_error", construct=construct)] if len(items) == 1 else []


def panel_formula(spec: PanelSpec, measures: set[str]) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Cut a panel formula to the measures at hand; an empty formula when the outcome or all regressors are missing.

    Returns
    -------
    The formula and the pairs (term, measures that it lacks).
    """
    fitting, left_out = [], []
    for term in spec.parsed.terms:
        lacking = tuple(sorted({spec.outcome, *columns(term)} - measures))
        if lacking:
            left_out.append((f"{spec.outcome} ~ {name_of(term)}", lacking))
        else:
            fitting.append(term)
    return (write_formula(replace(spec.parsed, terms=tuple(fitting))) if fitting else ""), tuple(left_out)
