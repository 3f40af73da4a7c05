"""Verdicts follow the declared rules: sign, Holm within the family, chains, contrasts, equivalence, never silence."""

from __future__ import annotations

import pandas as pd
import pytest

from models import evidence, results, theory
from models.evidence.judgement import Offer
from models.remarks import remark, unpacked
from tests.conftest import words

EVERYTHING = Offer(
    kinds=("survey", "panel"),
    constructs={kind: set(theory.constructs()) for kind in ("survey", "panel")},
    groups={
        kind: {
            "platform_type": ["comprehensive", "content", "social"],
            "generation": ["gen_z", "older"],
            "country": ["a", "b"],
        }
        for kind in ("survey", "panel")
    },
)


def row(hypothesis: str, estimate: float, pvalue: float, **other: object) -> dict:
    base = {"sample": "survey", "table": "paths", "model": "mechanisms", "group": "", "term": f"y ~ {hypothesis}",
            "quantity": "estimate", "ci_lower": 0.0, "ci_upper": 1.0, "n": 100, "note": ""}  # fmt: skip
    return base | {"hypothesis": hypothesis, "estimate": estimate, "pvalue": pvalue} | other


def judged(*rows: dict, offer: Offer = EVERYTHING) -> pd.DataFrame:
    out = evidence.verdicts(results.whole(pd.DataFrame(rows)), offer)
    return out[out["kind"] == "survey"].set_index("hypothesis")


def test_every_hypothesis_gets_a_verdict_for_each_kind_of_test() -> None:
    out = evidence.verdicts(results.whole(pd.DataFrame([row("H2", 0.5, 0.001)])), EVERYTHING)
    assert len(out) == 2 * len(theory.hypotheses())
    assert set(out["verdict"]) <= set(evidence.VERDICTS)
    untested = out[out["verdict"] == "not_testable"]
    assert (untested["reason"] != "").all()
    assert (untested["detail"] != "").all()


def test_the_sign_decides_between_supported_and_contradicted() -> None:
    assert judged(row("H2", 0.5, 0.001)).loc["H2", "verdict"] == "supported"
    assert judged(row("H2", -0.5, 0.001)).loc["H2", "verdict"] == "opposite"
    assert judged(row("H2", 0.5, 0.06)).loc["H2", "verdict"] == "inconclusive"
    assert judged(row("H9a", -0.5, 0.001, model="commercialisation")).loc["H9a", "verdict"] == "supported"


def test_holm_works_within_the_family_and_both_p_values_are_kept() -> None:
    out = judged(row("H1a", 0.5, 0.01), row("H1b", 0.5, 0.03), row("H1c", 0.5, 0.04), row("H2", 0.5, 0.04))
    assert out.loc[["H1a", "H1b", "H1c"], "pvalue_holm"].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert out.loc[["H1a", "H1b", "H1c"], "verdict"].tolist() == ["supported", "inconclusive", "inconclusive"]
    assert out.loc["H2", "pvalue_holm"] == 0.04
    assert out.loc["H2", "verdict"] == "supported"


def test_a_chain_falls_when_its_ends_are_joined_directly() -> None:
    """A common factor also makes neighbouring levels correlate; what it cannot do is make the direct path vanish."""
    chain, test = {"model": "levels_value"}, theory.hypotheses()["H4a"].survey
    paths = [row("H4a", 0.5, 0.001, term=term, **chain) for term in test.members]
    direct = row("", 0.3, 0.001, term=test.zero, **chain)
    nothing = direct | {"estimate": 0.01, "pvalue": 0.8}
    std = nothing | {"quantity": "std_all", "ci_lower": -0.07, "ci_upper": 0.09}
    assert judged(*paths, nothing, std).loc["H4a", "verdict"] == "supported"
    wide = std | {"ci_lower": -0.2, "ci_upper": 0.22}
    for rows in ([nothing, wide], [nothing]):
        out = judged(*paths, *rows).loc["H4a", ["verdict", "reason"]]
        assert out.tolist() == ["inconclusive", "direct_open"], "too few people make no chain"
    assert judged(*paths, direct).loc["H4a", ["verdict", "reason"]].tolist() == ["pattern_rejected", "chain_rejected"]


def test_causes_that_cannot_be_told_apart_are_not_tested_separately() -> None:
    twins = row("H5a", 0.97, 1e-9, table="covariances", term="value ~~ trust")
    standardised = twins | {"quantity": "std_all", "estimate": 0.97, "pvalue": float("nan")}
    out = judged(row("H1a", 0.9, 0.001, term="identification ~ value"), twins, standardised)
    assert out.loc["H1a", ["verdict", "reason"]].tolist() == ["not_testable", "indistinct"]
    assert "r = 0.97" in words(out.loc["H1a", "detail"])
    assert out.loc["H5a", ["verdict", "reason"]].tolist() == ["not_testable", "indistinct"]
    assert words(out.loc["H5a", "detail"]) == "two constructs cannot be told apart: trust, value (r = 0.97)"


def test_two_constructs_whose_ratio_is_shown_to_be_high_do_not_go_together() -> None:
    """mobi: value and trust, each measured by one of its levels, correlate .94 and their HTMT is at least .88."""
    pair = {"table": "validity", "term": "value_functional", "group": "trust_competence", "pvalue": float("nan")}
    ratio = row("", 0.95, 1.0, quantity="htmt", ci_lower=0.88, ci_upper=1.02) | pair
    twins = row("H5a", 0.94, 1e-9, table="covariances", term="value ~~ trust")
    standardised = twins | {"quantity": "std_all", "pvalue": float("nan")}
    out = judged(twins, standardised, ratio)
    assert out.loc["H5a", ["verdict", "reason"]].tolist() == ["not_testable", "indistinct"]
    assert words(out.loc["H5a", "detail"]).endswith("trust, value (r = 0.94; HTMT = 0.95 [0.88, 1.02])")
    assert judged(twins, standardised, ratio | {"ci_upper": 0.98}).loc["H5a", "verdict"] == "not_testable"
    few = ratio | {"estimate": 0.84, "ci_lower": 0.6}
    assert judged(twins, standardised, few).loc["H5a", "verdict"] == "supported", "wide is not high"


def test_a_path_needs_two_ends() -> None:
    path = row("H2", 0.9, 1e-9, term="stickiness ~ identification")
    ratio = row("", 0.97, 1.0, quantity="htmt", ci_lower=0.93, ci_upper=1.01)
    ratio |= {"table": "validity", "term": "identification", "group": "stickiness", "pvalue": float("nan")}
    assert judged(path, ratio).loc["H2", ["verdict", "reason"]].tolist() == ["not_testable", "indistinct"]
    assert judged(path, ratio | {"ci_lower": 0.84}).loc["H2", "verdict"] == "supported"


def links(table: str, *estimates: float, **other: object) -> list[dict]:
    """Both links of H5c in a panel, and a Hansen test that rejects the instruments of the first."""
    test = theory.hypotheses()["H5c"].panel
    common = {"sample": "panel", "table": table, "quantity": "raw", "group": "all"} | other
    pairs = zip(test.links, test.within, estimates, strict=True)
    rows = [
        row("H5c", estimate, 0.001, **common | {"model": table, "term": within})
        if table == "closed_loop"
        else row("H5c", estimate, 0.001, **common | {"model": link.spec, "term": link.term})
        for link, within, estimate in pairs
    ]
    hansen = {"table": "panel_diagnostics", "model": "value_cross_lags", "term": "Hansen", "quantity": "test"}
    return [*rows, row("", 79.0, 0.001, sample="panel", group="all", **hansen)]


def test_a_dynamic_model_whose_instruments_are_rejected_decides_nothing() -> None:
    rows = links("slopes", -0.05, 0.1, definition="difference_gmm")
    out = evidence.verdicts(results.whole(pd.DataFrame(rows)), EVERYTHING).set_index(["hypothesis", "kind"])
    assert out.loc[("H5c", "panel"), ["verdict", "reason"]].tolist() == ["not_testable", "instruments"]
    assert words(out.loc[("H5c", "panel"), "detail"]).endswith("dynamic model: value_cross_lags, Hansen, p = .001")
    rows[-1]["pvalue"] = 0.4
    out = evidence.verdicts(results.whole(pd.DataFrame(rows)), EVERYTHING).set_index(["hypothesis", "kind"])
    assert out.loc[("H5c", "panel"), ["verdict", "model", "counts"]].tolist() == [
        "opposite",
        "value_cross_lags",
        "rows",
    ]


def test_rejected_instruments_do_not_touch_what_the_within_person_model_decides() -> None:
    rows = links("closed_loop", 0.05, 0.1, definition="ri_clpm")
    out = evidence.verdicts(results.whole(pd.DataFrame(rows)), EVERYTHING).set_index(["hypothesis", "kind"])
    assert out.loc[("H5c", "panel"), ["verdict", "counts"]].tolist() == ["supported", "users"]


@pytest.mark.parametrize(
    ("gap", "p", "verdict"), [(0.2, 0.01, "supported"), (0.2, 0.2, "inconclusive"), (-0.1, 0.01, "inconclusive")]
)
@pytest.mark.parametrize("way", [1, -1])
def test_identification_holds_against_price_cuts_only_where_transactions_do_not(
    way: int, gap: float, p: float, verdict: str
) -> None:
    """Whichever product the difference begins with: its term says it."""
    test = theory.hypotheses()["H7"].panel
    common = {"sample": "panel", "group": "all", "model": test.spec}
    product = row("H7", 0.3, 0.001, **common | {"table": "slopes", "quantity": "raw", "term": test.term})
    term = " − ".join([test.term, test.than][::way])
    against = row("", way * gap, p, **common | {"table": "panel_products", "quantity": "difference", "term": term})
    out = evidence.verdicts(results.whole(pd.DataFrame([product, against])), EVERYTHING)
    assert out.set_index(["hypothesis", "kind"]).loc[("H7", "panel"), "verdict"] == verdict


@pytest.mark.parametrize(
    ("gap", "p", "verdict"),
    [(0.2, 0.01, "supported"), (0.2, 0.2, "inconclusive"), (-0.1, 0.01, "inconclusive"), (None, None, "not_testable")],
)
def test_a_survey_sets_identification_against_transactions_by_their_tested_difference(
    gap: float | None, p: float | None, verdict: str
) -> None:
    """Whether the product of transactions is significant by itself plays no part."""
    test = theory.hypotheses()["H7"].survey
    product = row("H7", 0.3, 0.001, table="paths", model=test.spec, term="stickiness ~ identification:price_comparison")
    other = row("", 0.2, 0.03, table="paths", model=test.spec, term=test.than, decides=False)
    against = {"table": "product_contrasts", "model": test.spec, "quantity": "difference", "decides": False}
    rows = [product, other, *([row("", gap, p, term=f"{product['term']} − {test.than}", **against)] if gap else [])]
    out = evidence.verdicts(results.whole(pd.DataFrame(rows)), EVERYTHING).set_index(["hypothesis", "kind"])
    assert out.loc[("H7", "survey"), "verdict"] == verdict
    if gap is None:
        assert f"the difference from {test.than}" in words(out.loc[("H7", "survey"), "detail"])


def test_what_is_missing_is_named() -> None:
    offer = Offer(("survey",), {"survey": {"value", "identification"}}, {"survey": {"generation": ["older"]}})
    out = evidence.verdicts(results.whole(pd.DataFrame([row("H1a", 0.5, 0.001)])), offer)
    out = out.set_index(["hypothesis", "kind"])
    assert unpacked(out.loc[("H1b", "survey"), "detail"]) == [remark("not_measured", constructs=["trust"])]
    assert out.loc[("H1b", "survey"), "lacks"] == "trust"
    assert unpacked(out.loc[("H1a", "panel"), "detail"]) == [remark("no_data", kind="panel")]
    assert out.loc[("H10", "survey"), "reason"] == "no_group"
    assert unpacked(out.loc[("H11", "survey"), "detail"]) == [remark("one_group", group="generation", level="older")]


def test_recovery_sets_truth_beside_estimate() -> None:
    rows = pd.DataFrame(
        [
            row("H1a", 0.5, 0.01, se=0.1, ci_lower=0.3, ci_upper=0.7),
            row("H2", 0.5, 0.01, se=0.1, ci_lower=0.3, ci_upper=0.7),
        ]
    )
    truth = rows[["sample", "table", "model", "group", "term", "quantity", "hypothesis"]].assign(truth=[0.6, 0.9])
    out = evidence.recovery(rows, truth)
    assert out["quantity"].tolist() == ["covered", "missed"]
    assert out["statistic"].tolist() == [0.6, 0.9]
