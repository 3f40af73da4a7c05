"""Whether every declared threat can find rows that speak to it; what fits none would pass for not examined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models import results
from models.messages import forms
from models.remarks import Remark, remark
from models.results import Family
from models.specs import threat_claims
from models.specs.declared import PanelSpec
from models.specs.threat_claims import FILE
from models.theory import Finding, Hypothesis, Threat

# Terms that some tables have beside those of models.
TERMS = {
    "rival_accounts": ("one_source", "reversed_order"),
    "invariance": ("metric",),
    "panel_diagnostics": threat_claims.OF_DYNAMIC,
}
# What the column `group` holds → the groups that a threat may name.
GROUPS = {
    **dict.fromkeys(("", "member", "everybody", "instrument", "third"), ("all",)),
    "handling": ("without_doubtful", "ordinal"),
    "outcome": ("stickiness",),
}
# Unit → the largest limit that an estimate may be expected to reach; of the others any.
LARGEST = {
    **dict.fromkeys(("yes_no", "share", "correlation"), 1.0),
    **dict.fromkeys(("sd", "se", "pure", "ratio", "log_hazard"), 100.0),
    "count": 10_000.0,
}
# A choice that estimates are held to → the quantities or units that it is a limit of.
HTMT, UNIT_OF_EFFECT = ("htmt", "htmt2"), "sd"


def findings(
    threats: Mapping[str, Threat], hypotheses: Mapping[str, Hypothesis], panels: Mapping[str, PanelSpec]
) -> Iterator[Finding]:
    """Names that exist and fit each other; one limit that can be reached, and one way to find the row that speaks."""
    families = list(dict.fromkeys(hypothesis.family for hypothesis in hypotheses.values()))
    tables = {name: table for name, table in results.tables().items() if table.samples}
    for key, threat in threats.items():
        for place, family in enumerate(threat.families):
            if family not in families:
                at = (key, "families", place)
                yield forms.unknown(FILE, at, family, families, remark("hypothesis_family"))
        if threat.table not in tables:
            yield forms.unknown(FILE, (key, "table"), threat.table, list(tables), remark("table_of_results"))
            continue
        table = tables[threat.table]
        if threat.quantity not in table.quantities:
            what = remark("quantity_of_table", table=threat.table)
            yield forms.unknown(FILE, (key, "quantity"), threat.quantity, list(table.quantities), what)
            continue
        yield from _rows(key, threat, table)
        yield from _limit(key, threat, table)
        yield from threat_claims.findings(key, threat, table, hypotheses, panels)


def _rows(key: str, threat: Threat, table: Family) -> Iterator[Finding]:
    """Kinds, terms and groups that the rows of the table have, and columns that hold what is asked for."""
    for place, kind in enumerate(threat.kinds):
        if kind not in table.samples:
            what = remark("data_of_table", table=threat.table)
            yield forms.unknown(FILE, (key, "kinds", place), kind, table.samples, what)
    if threat.of and not threat_claims.holds(threat, threat.of, table):
        known = [of for of in threat_claims.HELD if threat_claims.holds(threat, of, table)]
        yield forms.unknown(FILE, (key, "of"), threat.of, known, remark("found_in_table", table=threat.table))
    for place, term in enumerate(threat.terms):
        if term not in TERMS.get(threat.table, ()):
            what = remark("term_of_table", table=threat.table)
            yield forms.unknown(FILE, (key, "terms", place), term, TERMS.get(threat.table, ()), what)
    groups = GROUPS.get(table.meanings.get("group", ""), ())
    if threat.group and threat.group not in groups:
        yield forms.unknown(FILE, (key, "group"), threat.group, groups, remark("group_of_table", table=threat.table))
    if threat.of in ("estimate", "constructs", "pair") and threat.terms:
        found = remark("terms_and_of", of=threat.of)
        yield Finding(FILE, (key,), found, remark("one_of_them"))


def _limit(key: str, threat: Threat, table: Family) -> Iterator[Finding]:
    """One limit, of a size that the quantity can have; a p-value or an interval where that is what names the threat."""
    unit = table.quantities[threat.quantity].unit
    by_p = threat.named in ("rejects", "turned")
    estimated = tuple(name for name, one in table.quantities.items() if one.unit not in ("test", "words"))
    known = {"rejects": table.tested, "turned": table.tested, "reaches": table.bounded}.get(threat.named, estimated)
    if threat.quantity not in known or (threat.named == "turned" and unit == "test"):
        found = forms.as_said(f"{threat.quantity}, named: {threat.named}")
        what = remark("quantity_with", needs=_needs(threat))
        yield Finding(FILE, (key, "named"), found, remark("listed", what=what, names=list(known)) if known else what)
    if threat.named == "turned" and threat.of != "estimate":
        yield Finding(FILE, (key, "named"), forms.as_said("named: turned"), remark("turned_of_estimate"))
    limits = [name for name, one in (("limit", threat.limit), ("choice", threat.choice)) if one is not None]
    if len(limits) != (0 if by_p else 1):
        expected = remark("none_as_p_decides") if limits else remark("limit_or_choice")
        found = forms.as_said(" and ".join(limits)) if limits else remark("neither_limit_nor_choice")
        yield Finding(FILE, (key,), found, expected)
    if threat.limit is not None and threat.limit > LARGEST.get(unit, threat.limit):
        expected = remark("limit_of_unit", most=f"{LARGEST[unit]:g}", quantity=threat.quantity)
        yield Finding(FILE, (key, "limit"), forms.as_said(f"{threat.limit:g}"), expected)
    if threat.choice == "htmt" and threat.quantity not in HTMT:
        yield Finding(FILE, (key, "choice"), forms.as_said("htmt"), remark("limit_of_ratio", names=", ".join(HTMT)))
    if threat.choice == "effect" and unit != UNIT_OF_EFFECT:
        yield Finding(FILE, (key, "choice"), forms.as_said("effect"), remark("limit_of_effect"))


def _needs(threat: Threat) -> Remark:
    if threat.named in ("rejects", "turned"):
        return remark("a_p_value")
    return remark("an_interval") if threat.named == "reaches" else remark("an_estimate")
