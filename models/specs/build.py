"""From a specification and the measured constructs to the model that a data set can carry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models import theory
from models.remarks import Remark, remark
from models.specs.declared import PanelSpec
from models.specs.lines import NAME, line, statements


@dataclass(frozen=True)
class Built:
    """A model cut to what a data set measures.

    Attributes
    ----------
    syntax : the model in lavaan syntax; empty when nothing of the specification is left.
    left_out : pairs (term of the specification, constructs that it lacks).
    remarks : how an incompletely measured mechanism is represented.
    """

    syntax: str
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    remarks: tuple[Remark, ...]

    @property
    def latents(self) -> list[str]:
        """Latent variables in the order of their definition."""
        return list(dict.fromkeys(re.findall(r"^(\w+) =~", self.syntax, flags=re.M)))

    @property
    def scales(self) -> dict[str, list[str]]:
        """Latent variable of the first order → its items."""
        pairs = (line.split(" =~ ") for line in self.syntax.splitlines() if " =~ " in line)
        listed = {latent: NAME.findall(parts) for latent, parts in pairs}
        return {latent: parts for latent, parts in listed.items() if not set(parts) & set(listed)}

    @property
    def relations(self) -> str:
        """The lines that relate latent variables: loadings of higher order, and paths; covariances are left free."""
        own = [f"{latent} =~ {' + '.join(items)}" for latent, items in self.scales.items()]
        kept = [line for line in self.syntax.splitlines() if ":=" not in line and "~~" not in line and line not in own]
        return "\n".join(kept)


@cache
def structural_specs(folder: str = "") -> dict[str, str]:
    """Texts of the `.lav` files by name, of the theory's models or of the `rivals`."""
    place = files(__package__) / folder if folder else files(__package__)
    found = sorted((f for f in place.iterdir() if f.name.endswith(".lav")), key=lambda f: f.name)
    return {f.name.removesuffix(".lav"): f.read_text(encoding="utf-8") for f in found}


@cache
def names() -> frozenset[str]:
    """Every name that the theory and its models use: constructs, labels of paths, defined effects."""
    texts = [text for folder in ("", "rivals", "interactions") for text in structural_specs(folder).values()]
    said = [statement for text in texts for _, statement in statements(text)]
    return frozenset([*theory.constructs(), *NAME.findall("\n".join(said))])


def structural(spec: str, scales: dict[str, list[str]], also: Iterable[str] = ()) -> Built:
    """Cut a structural specification to the constructs that have items and write the measurement part.

    A mechanism with three measured levels is a second-order factor; with two, a second-order factor with both loadings
    fixed to one (two loadings are not identified on their own once the factor has a single strong neighbour, and equal
    weights are the neutral choice); with one, the factor of that level under the mechanism's name.

    Parameters
    ----------
    spec : text in lavaan syntax with `~`, `~~` and `:=` lines over constructs of the theory.
    scales : construct → its items.
    also : constructs that are measured whether or not a line needs them, so that models share their items.
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
        fitting = []
        for term in said.terms:
            lacking = tuple(sorted({said.lhs, term.name} - offered))
            if lacking:
                left_out.append((f"{said.lhs} {said.operator} {term.name}", lacking))
            else:
                fitting.append(term.text)
                labels |= {term.label} - {""}
        if fitting:
            kept.append(f"{said.lhs} {said.operator} {' + '.join(fitting)}")
    named = {*also, *(name for line in kept if ":=" not in line for name in NAME.findall(line))}
    used = [construct for construct in theory.constructs() if construct in named & offered]
    measurement, remarks = _measurement(used, scales)
    return Built("\n".join([*measurement, *kept]) if kept else "", tuple(left_out), tuple(remarks))


def _measurement(used: list[str], scales: dict[str, list[str]]) -> tuple[list[str], list[Remark]]:
    lines, remarks = [], []
    for construct in used:
        if construct in scales:
            lines.append(f"{construct} =~ {' + '.join(scales[construct])}")
            continue
        measured = [level for level in theory.levels(construct) if level in scales]
        if len(measured) == 1:
            lines.append(f"{construct} =~ {' + '.join(scales[measured[0]])}")
            remarks.append(remark("only_level_measured", construct=construct, level=measured[0]))
            continue
        lines += [f"{level} =~ {' + '.join(scales[level])}" for level in measured if level not in used]
        weight = "1*" if len(measured) == 2 else ""
        lines.append(f"{construct} =~ {' + '.join(weight + level for level in measured)}")
        if len(measured) == 2:
            remarks.append(remark("equal_weights", construct=construct, first=measured[0], second=measured[1]))
    return lines, remarks


def panel_formula(spec: PanelSpec, measures: set[str]) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Cut a panel formula to the measures at hand; an empty formula when the outcome or all regressors are missing.

    Returns
    -------
    The formula and the pairs (term, measures that it lacks).
    """
    outcome, fitting, left_out = spec.outcome, [], []
    for term in spec.terms:
        lacking = tuple(sorted({outcome, *NAME.findall(term)} - {"lag", "lead"} - measures))
        if lacking:
            left_out.append((f"{outcome} ~ {term}", lacking))
        else:
            fitting.append(term)
    return (f"{outcome} ~ {' + '.join(fitting)}" if fitting else ""), tuple(left_out)
