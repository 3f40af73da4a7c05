"""Each rule as a table: estimates and p-values in, a word out. What is not at hand is never assumed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from models import evidence, results, theory
from models.evidence import rules
from models.evidence.offer import Offer
from models.remarks import remark, unpacked
from tests.conftest import words
from tests.test_verdicts import EVERYTHING, row

NAN = float("nan")
Cell = tuple[float, float]
CHAIN = theory.hypotheses()["H4a"].survey
LEVELS = {"model": "levels_value", "table": "paths"}
H8 = theory.hypotheses()["H8"].survey.members
H12 = theory.hypotheses()["H12"].survey.members


def found(hypothesis: str, rows: list[dict], kind: str = "survey") -> pd.Series:
    out = evidence.verdicts(results.whole(pd.DataFrame(rows)), EVERYTHING).set_index(["hypothesis", "kind"])
    return out.loc[(hypothesis, kind)]


def lacks(out: pd.Series) -> list[str]:
    """The estimates that a claim is without, of a hypothesis that could not be tested for want of them."""
    assert out[["verdict", "reason"]].tolist() == ["not_testable", "incomplete"]
    (why,) = unpacked(out["detail"])
    return [str(one) for one in why.values["missing"]]


def chain(first: Cell | None, second: Cell | None, direct: Cell | None = (0.05, 0.4)) -> list[dict]:
    cells = [("H4a", term, cell) for term, cell in zip(CHAIN.members, (first, second), strict=True)]
    cells.append(("", CHAIN.zero, direct))
    nothing = row("", 0.01, NAN, term=CHAIN.zero, quantity="std_all", ci_lower=-0.06, ci_upper=0.08, **LEVELS)
    return [row("", 0.5, 0.9), nothing] + [row(h, *cell, term=term, **LEVELS) for h, term, cell in cells if cell]


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((0.60, 1e-12), (0.25, 0.001), "supported"),
        ((-0.60, 1e-12), (0.25, 0.001), "opposite"),
        ((0.60, 1e-12), (-0.25, 0.001), "opposite"),
        ((-0.60, 1e-12), (-0.25, 0.4), "opposite"),
        ((-0.60, 0.2), (0.25, 1e-12), "inconclusive"),
        ((0.60, 1e-12), (0.25, 0.05), "inconclusive"),
        ((0.60, 1e-12), (0.25, 0.0499), "supported"),
        ((-0.60, 0.05), (0.25, 1e-12), "inconclusive"),
        ((0.0, 1.0), (0.25, 0.001), "inconclusive"),
        ((0.0, 0.001), (0.25, 0.001), "inconclusive"),
    ],
)
def test_a_chain_has_every_link_in_its_direction(first: Cell, second: Cell, verdict: str) -> None:
    assert found("H4a", chain(first, second))["verdict"] == verdict


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        (chain(None, (0.25, 0.001)), CHAIN.members[0]),
        (chain((0.6, 0.001), None), CHAIN.members[1]),
        (chain((0.6, 0.001), (0.25, NAN)), CHAIN.members[1]),
        (chain((NAN, 0.001), (0.25, 0.001)), CHAIN.members[0]),
        (chain((-0.6, 1e-9), None), CHAIN.members[1]),
        (chain((0.6, 0.001), (0.25, 0.001), None), CHAIN.zero),
        (chain((0.6, 0.001), (0.25, 0.001), (0.1, NAN)), CHAIN.zero),
    ],
)
def test_a_chain_without_one_of_its_paths_is_not_testable(rows: list[dict], missing: str) -> None:
    assert lacks(found("H4a", rows)) == [missing]


def products(*cells: Cell | None) -> list[dict]:
    pairs = zip(H8, cells, strict=True)
    return [row("H8", *cell, term=term, model="interaction") for term, cell in pairs if cell]


@pytest.mark.parametrize(
    ("cells", "verdict", "decides"),
    [
        (((0.2, 0.001), (0.2, 0.001), (0.2, 0.02)), "supported", 2),
        (((-0.2, 0.001), (-0.2, 1e-6), (0.2, 0.02)), "opposite", 1),
        (((0.2, 0.001), (0.2, 0.3), (0.2, 0.02)), "inconclusive", 1),
        (((0.2, 0.001), (-0.2, 0.3), (0.2, 0.9)), "inconclusive", 1),
    ],
)
def test_a_claim_of_three_products_needs_three(cells: tuple[Cell, ...], verdict: str, decides: int) -> None:
    out = found("H8", products(*cells))
    assert out[["verdict", "model", "term"]].tolist() == [verdict, "interaction", H8[decides]]
    assert (out["estimate"], out["pvalue"]) == cells[decides]


def test_a_claim_of_three_products_with_one_at_hand_is_not_testable() -> None:
    out = found("H8", products((0.2, 1e-9), None, None))
    assert lacks(out) == list(H8[1:])


def starts(cells: dict[str, Cell], others: list[dict] | None = None) -> list[dict]:
    common = {"sample": "panel", "table": "event_study", "group": "stickiness", "term": "average effect"}
    rows = [row("H8", *cell, model=name, quantity="raw", **common) for name, cell in cells.items()]
    rows += [row("H8", 10 * cell[0], cell[1], model=name, quantity="std", **common) for name, cell in cells.items()]
    return rows + (others or [])


def judged_starts(rows: list[dict]) -> pd.Series:
    treated = replace(EVERYTHING, treatments=("strategy_scene", "strategy_relation"))
    return (
        evidence.verdicts(results.whole(pd.DataFrame(rows)), treated)
        .set_index(["hypothesis", "kind"])
        .loc[("H8", "panel")]
    )


@pytest.mark.parametrize(
    ("cells", "verdict", "decides"),
    [
        ({"a": (0.2, 0.01)}, "supported", "a"),
        ({"a": (0.2, 0.01), "b": (0.3, 1e-6)}, "supported", "a"),
        ({"a": (0.2, 0.01), "b": (-0.3, 1e-6)}, "pattern_rejected", "b"),
        ({"a": (0.2, 0.01), "b": (0.3, 0.2)}, "inconclusive", "b"),
        ({"a": (-0.2, 1e-9)}, "pattern_rejected", "a"),
    ],
)
def test_every_roll_out_has_its_effect(cells: dict[str, Cell], verdict: str, decides: str) -> None:
    out = judged_starts(starts(cells))
    assert out[["verdict", "model"]].tolist() == [verdict, decides]
    assert out["standardised"] == pytest.approx(10 * cells[decides][0])


@pytest.mark.parametrize("at_fault", ["a", "b"])
@pytest.mark.parametrize("check", ["pretrend", "placebo"])
def test_the_checks_of_every_roll_out_are_read(at_fault: str, check: str) -> None:
    common = {"sample": "panel", "model": at_fault, "group": "stickiness"}
    test = {"table": "event_checks", "term": "pretrend", "quantity": "test"} if check == "pretrend" else {}
    test = test or {"table": "event_study", "term": "average effect", "quantity": "placebo"}
    out = judged_starts(starts({"a": (0.2, 0.01), "b": (0.3, 1e-6)}, [row("", NAN, 1e-4, **common, **test)]))
    assert out[["verdict", "reason"]].tolist() == ["not_testable", "pretrend"]
    assert words(out["detail"]).endswith(f"before the start: {at_fault}: {check}, p < .001")


def test_a_roll_out_that_failed_is_missing() -> None:
    failed = row("H8", NAN, NAN, sample="panel", table="remarks", model="b", term="stickiness", quantity="failed")
    out = judged_starts(starts({"a": (0.2, 0.01)}, [failed]))
    assert lacks(out) == ["b"]


def links(hypothesis: str, first: Cell | None, second: Cell | None) -> list[dict]:
    test = theory.hypotheses()[hypothesis].panel
    common = {"sample": "panel", "table": "slopes", "group": "all", "quantity": "raw", "definition": "difference_gmm"}
    pairs = zip(test.links, (first, second), strict=True)
    return [row(hypothesis, *cell, model=link.spec, term=link.term, **common) for link, cell in pairs if cell]


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((0.1, 0.001), (0.1, 0.002), "supported"),
        ((-0.1, 1e-9), (0.1, 0.01), "opposite"),
        ((-0.1, 0.3), (0.1, 1e-9), "inconclusive"),
        ((0.1, 0.001), None, "not_testable"),
        ((0.1, 0.001), (0.1, NAN), "not_testable"),
        ((-0.1, 0.001), None, "not_testable"),
    ],
)
@pytest.mark.parametrize("hypothesis", ["H4a", "H5a"])
def test_the_links_of_a_panel_are_read_like_those_of_a_survey(
    hypothesis: str, first: Cell, second: Cell | None, verdict: str
) -> None:
    out = found(hypothesis, links(hypothesis, first, second), "panel")
    assert out["verdict"] == verdict
    if verdict == "not_testable":
        missing = theory.hypotheses()[hypothesis].panel.links[1]
        assert lacks(out) == [f"{missing.spec}: {missing.term}"]


def comparison(differences: list[Cell | None], equality: list[float], pair: str = "a − b") -> list[dict]:
    common = {"sample": "survey", "model": "mechanisms"}
    pairs = zip(H12, differences, strict=True)
    tests = {"table": "contrast", "quantity": "decisive", "group": pair}
    rows = [row("H12", *cell, term=term, **common | tests) for term, cell in pairs if cell]
    wald = {"table": "equality", "quantity": "wald", "group": "country"}
    return rows + [row("", NAN, p, term=t, **common | wald) for t, p in zip(H12, equality, strict=True)]


IN = (0.01, 0.001)


@pytest.mark.parametrize(
    ("differences", "equality", "verdict"),
    [
        ([IN, IN, IN, (0.02, 0.02)], [0.9] * 4, "supported"),
        ([IN, IN, IN, (0.8, 1.0)], [0.9, 0.9, 0.9, 1e-20], "pattern_rejected"),
        ([IN, IN, IN, (0.15, 0.2)], [0.9, 0.9, 0.9, 0.3], "inconclusive"),
        ([IN, IN, IN, (0.15, 0.2)], [1e-9, 0.9, 0.9, 0.3], "inconclusive"),
        ([IN, IN, IN, (0.15, 0.2)], [0.9, 0.9, 0.9, 0.02], "inconclusive"),
        ([(0.1, 0.001), IN, IN, IN], [1e-9, 0.9, 0.9, 0.3], "supported"),
        ([IN, IN, IN, (0.1, 0.05)], [0.9] * 4, "inconclusive"),
        ([IN, IN, IN, None], [0.9] * 4, "not_testable"),
        ([IN, IN, IN, (0.1, NAN)], [0.9] * 4, "not_testable"),
    ],
)
def test_equivalence_is_shown_refuted_or_open(
    differences: list[Cell | None], equality: list[float], verdict: str
) -> None:
    """Unequal: the Wald test rejects (Holm over the paths) and the difference is not shown to lie inside the bound."""
    out = found("H12", comparison(differences, equality))
    assert out["verdict"] == verdict
    said = {"pattern_rejected": "unequal", "not_testable": "incomplete", "inconclusive": "too_few_for_equivalence"}
    assert out["reason"] == said.get(verdict, "")
    if verdict == "not_testable":
        assert lacks(out) == [H12[3]]
    elif verdict == "pattern_rejected":
        assert unpacked(out["detail"]) == [remark("unequal", paths=[H12[3]])]


def test_a_sample_that_could_have_shown_equal_effects_is_not_said_to_be_too_small() -> None:
    rows = comparison([IN, IN, IN, (0.15, 0.2)], [0.9] * 4)
    precise = [one | {"ci_lower": 0.06, "ci_upper": 0.24} if one["table"] == "contrast" else one for one in rows]
    assert found("H12", precise)[["verdict", "reason"]].tolist() == ["inconclusive", ""]


def test_every_path_is_compared_in_every_pair_of_groups() -> None:
    rows = comparison([IN] * 4, [0.9] * 4) + comparison([IN, None, IN, IN], [0.9] * 4, pair="a − c")
    assert lacks(found("H12", rows)) == [H12[1]]


@pytest.mark.parametrize(
    ("estimate", "pvalue", "verdict"),
    [(0.3, 0.001, "supported"), (-0.3, 0.001, "opposite"), (0.3, 0.05, "inconclusive"),
     (0.0, 0.001, "inconclusive"), (0.3, NAN, "not_testable"), (NAN, 0.001, "not_testable")],
)  # fmt: skip
@pytest.mark.parametrize("hypothesis", ["H2", "H10"])
def test_one_estimate_decides_by_its_sign(hypothesis: str, estimate: float, pvalue: float, verdict: str) -> None:
    decisive = {"quantity": "decisive", "table": "contrast"} if hypothesis == "H10" else {}
    out = found(hypothesis, [row("", 0.1, 0.5), row(hypothesis, estimate, pvalue, **decisive)])
    assert out["verdict"] == verdict
    assert (out["reason"] == "no_estimate") == (verdict == "not_testable")


def test_holm_reaches_the_claims_of_several_estimates() -> None:
    """The chain of value alone is supported at p = .03, beside another one of its family at p = .04 it is not."""
    assert found("H4a", chain((0.6, 0.001), (0.25, 0.03)))["verdict"] == "supported"
    other = theory.hypotheses()["H4b"].survey
    beside = [row("H4b", 0.2, 0.04, term=t, model="levels_trust", table="paths") for t in other.members]
    beside.append(row("", 0.0, 0.9, term=other.zero, model="levels_trust", table="paths"))
    assert found("H4a", chain((0.6, 0.001), (0.25, 0.03)) + beside)["verdict"] == "inconclusive"


def test_a_comparison_needs_the_groups_and_causes_that_its_claim_names() -> None:
    offer = Offer(
        ("survey",),
        {"survey": set(theory.constructs()) - {"participation"}},
        {"survey": {"platform_type": ["social", "comprehensive"], "generation": ["gen_z", "older"]}},
    )
    out = evidence.verdicts(results.whole(pd.DataFrame([row("H10", 0.3, 0.001), row("H11", 0.3, 0.001)])), offer)
    out = out[out["kind"] == "survey"].set_index("hypothesis")
    assert unpacked(out.loc["H10", "detail"]) == [remark("group_lacks", group="platform_type", levels=["content"])]
    assert unpacked(out.loc["H11", "detail"]) == [remark("not_measured", constructs=["participation"])]


def test_the_deciding_row_does_not_depend_on_the_order_of_rows() -> None:
    frame = pd.DataFrame(products((0.2, 0.001), (-0.2, 0.02), (0.2, 0.9)))
    test = theory.hypotheses()["H8"].survey
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        assert rules.deciding(frame.iloc[order], test)["estimate"] == -0.2


def ladder(metric: float, partial: float | None = None) -> list[dict]:
    held = {"configural": 1.0, "metric": metric} | ({} if partial is None else {"partial metric": partial})
    common = {"sample": "survey", "table": "invariance", "model": "", "group": "country", "quantity": "held"}
    return [common | {"term": term, "estimate": value} for term, value in held.items()]


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([], "supported"),
        (ladder(1), "supported"),
        (ladder(0, 1), "supported"),
        (ladder(0, 0), "not_testable"),
        (ladder(0), "not_testable"),
    ],
)
def test_paths_are_compared_only_between_groups_whose_items_load_alike(rows: list[dict], verdict: str) -> None:
    common = {"table": "contrast", "quantity": "decisive", "group": "a − b"}
    pairs = [row("H12", 0.01, 0.001, term=term, **common) for term in H12]
    assert found("H12", pairs + rows)["verdict"] == verdict
