"""Which claims the rows of a threat can speak to: what the columns of its table hold, and which rules rest on that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.remarks import remark
from models.results import Family
from models.specs.declared import PanelSpec
from models.theory import Chain, Contrast, Equivalence, Finding, Hypothesis, Indirect, RollOut, Rule, Threat

FILE = "models/theory/threats.yaml"
MAIN = "mechanisms"
OF_DYNAMIC = ("Hansen", "AR(2)")
SPECIFIED = ("specification", "main_model", "roll_out")
RELATIONS = ("path", "paths", "path_or_effect", "slope", "horizon")
# What `of` asks for → what the columns of a table must hold for it to be found there; "" where the column is empty.
HELD: dict[str, dict[str, tuple[str, ...]]] = {
    "model": {"model": SPECIFIED},
    "instrumented": {"model": ("specification_iv",)},
    "estimate": {"model": SPECIFIED, "term": RELATIONS},
    "grouping": {"model": ("", "answers"), "group": ("grouping", "grouping_member")},
    "constructs": {"term": ("construct",)},
    "pair": {"group": ("second_construct",), "term": ("construct",)},
    "hypothesis": {},
}
# Tables of what one estimator of panel specifications has, and of what models with products of a survey have.
OF_ESTIMATOR = {
    **dict.fromkeys(("own_past", "confounding", "influence", "slopes_without", "placebo", "estimators"), "within"),
    **dict.fromkeys(("errors", "random_slopes", "instruments", "negative_control", "moderation", "alike"), "within"),
    **{"panel_products": "within", "jackknife": "gmm"},
}
# Tables that a panel has of the model of the closed loop within persons alone.
OF_LOOP = ("closed_loop", "fit_cutoffs")
PRODUCTS, OF_PRODUCTS = "interaction", ("squares", "simple_slopes", "product_contrasts", "interaction_fit")
# Tables that models with products have no rows in.
WITHOUT_PRODUCTS = ("fit", "fit_cutoffs", "loadings", "r2", "effect_sizes", "instruments", "negative_control")


def holds(threat: Threat, of: str, table: Family) -> bool:
    """Whether the columns of a table hold what a threat asks for."""
    if of == "hypothesis":
        return threat.quantity in table.claims
    return all(table.meanings.get(column, "") in meanings for column, meanings in HELD[of].items())


def findings(
    key: str, threat: Threat, table: Family, hypotheses: Mapping[str, Hypothesis], panels: Mapping[str, PanelSpec]
) -> Iterator[Finding]:
    """Families of which the rule of no hypothesis rests on what the threat asks for."""
    if threat.of is None or not holds(threat, threat.of, table):
        return
    for place, family in enumerate(threat.families):
        own = [hypothesis for hypothesis in hypotheses.values() if hypothesis.family == family]
        for kind in (kind for kind in threat.kinds if kind in table.samples):
            rules: list[Rule] = [getattr(hypothesis, kind) for hypothesis in own]
            estimated = [rule for rule in rules if _estimated(threat, kind, rule, panels)]
            if rules and not any(_speaks(threat.of, kind, table, rule) for rule in estimated):
                found = remark("family_of_kind", family=family, kind=kind)
                expected = remark("family_that_rests_on", of=threat.of, table=threat.table)
                yield Finding(FILE, (key, "families", place), found, expected)


def _estimated(threat: Threat, kind: str, rule: Rule, panels: Mapping[str, PanelSpec]) -> bool:
    """Whether the estimator or the model that a rule decides by has rows of the threat's kind."""
    if kind == "survey":
        if PRODUCTS in _specs(rule):
            return threat.of != "pair" and threat.table not in WITHOUT_PRODUCTS
        return threat.table not in OF_PRODUCTS
    if threat.table in OF_LOOP:
        return isinstance(rule, Chain) and bool(rule.within)
    found = [panels[name] for name in _specs(rule) if name in panels]
    if threat.table in WITHOUT_PRODUCTS:
        found = [spec for spec in found if ":" not in spec.formula]
    wanted = "gmm" if set(OF_DYNAMIC) & set(threat.terms) else OF_ESTIMATOR.get(threat.table)
    return wanted is None or any(spec.estimator == wanted for spec in found)


def _specs(rule: Rule) -> tuple[str, ...]:
    """Specifications that a rule decides by; of an effect along two links, those of the links."""
    return tuple(link.spec for link in rule.through) if isinstance(rule, Indirect) else rule.specs


def _speaks(of: str, kind: str, table: Family, rule: Rule) -> bool:
    """Whether rows of a table can speak to what a rule decides by."""
    compares = isinstance(rule, Contrast | Equivalence)
    if of == "grouping":
        return compares
    if of == "pair":
        return kind == "survey" and not compares
    if of in ("constructs", "hypothesis"):
        return True
    held = table.meanings.get("model", "")
    if isinstance(rule, RollOut) or held == "roll_out":
        return isinstance(rule, RollOut) and held == "roll_out"
    if held == "main_model" and MAIN not in _specs(rule):
        return False
    return of != "estimate" or isinstance(rule, Contrast) == (table.meanings.get("term") == "paths")
