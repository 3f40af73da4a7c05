"""Each word of a verdict by a planted row: as good as zero, links of a mediation, improper and doubted samples."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from models import evidence, results, theory
from models.choices import choices
from models.evidence.sizes import size
from models.remarks import packed, remark, unpacked
from models.statistics.distributions import normal_quantile
from reports.reading import Report
from reports.tables import structure
from reports.texts import Texts
from tests.conftest import words
from tests.test_verdicts import EVERYTHING, judged, row

NAN = float("nan")
PATH = "stickiness ~ identification"


def both(hypothesis: str, estimate: float, se: float, pvalue: float, **other: Any) -> list[dict]:
    """A path in raw units twice as large as standardised, and its standardised estimate with the error given."""
    place = {"term": PATH} | other
    half = normal_quantile(0.975) * se
    ends = {"ci_lower": estimate - half, "ci_upper": estimate + half}
    std = row(hypothesis, estimate, NAN, quantity="std_all", se=se, **place | ends)
    raw = {name: 2 * end for name, end in ends.items()}
    return [row(hypothesis, 2 * estimate, pvalue, **place | raw), std]


def word(*rows: dict, of: str = "H2") -> pd.Series:
    return judged(*rows).loc[of]


@pytest.mark.parametrize(
    ("estimate", "se", "pvalue", "verdict", "says_zero"),
    [
        (0.40, 0.10, 1e-4, "supported", False),
        (-0.40, 0.10, 1e-4, "opposite", False),
        (0.01, 0.03, 0.74, "practically_zero", False),
        (0.00, 0.03, 1.00, "practically_zero", False),
        (0.01, 0.06, 0.87, "inconclusive", False),
        (0.08, 0.03, 0.06, "inconclusive", False),
        (0.05, 0.02, 0.012, "supported", True),
        (-0.01, 0.004, 0.012, "opposite", True),
    ],
)
def test_what_is_not_clear_is_as_good_as_zero_or_open(
    estimate: float, se: float, pvalue: float, verdict: str, says_zero: bool
) -> None:
    found = word(*both("H2", estimate, se, pvalue))
    assert (found["verdict"], "as_good_as_zero" in found["detail"]) == (verdict, says_zero)


def test_the_interval_set_against_zero_is_that_of_two_one_sided_tests() -> None:
    """It lies inside the bounds exactly where both one-sided p-values are below alpha (Lakens 2017)."""
    frame = pd.DataFrame(both("H2", 0.02, 0.04, 0.6))
    test, smallest = theory.hypotheses()["H2"].survey, theory.hypotheses()["H2"].smallest
    found = size(frame.iloc[0], frame, test, smallest)
    z = normal_quantile(1 - choices.alpha)
    assert (found.low, found.high) == pytest.approx((0.02 - z * 0.04, 0.02 + z * 0.04))
    assert found.smallest == 0.1
    scaled = frame.assign(ci_lower=[-0.12, NAN], ci_upper=[0.20, NAN])
    other = size(scaled.iloc[0], scaled, test, smallest)
    assert (other.low, other.high) == pytest.approx((0.02 - 0.08 * z / 1.959964, 0.02 + 0.08 * z / 1.959964))


def mediated(first: tuple[float, float], second: tuple[float, float], interval: float) -> list[dict]:
    links = {"identification ~ value": first, PATH: second}
    rows = [row("", *cell, term=term) for term, cell in links.items()]
    product = first[0] * second[0]
    return [*rows, row("H3a", product, interval, table="effects", term="h3a", definition="bca")]


@pytest.mark.parametrize(
    ("first", "second", "interval", "verdict", "pvalue"),
    [
        ((0.6, 0.001), (0.5, 0.018), 0.2, "supported", 0.018),
        ((0.6, 0.001), (0.5, 0.060), 0.01, "inconclusive", 0.060),
        ((-0.6, 0.001), (0.5, 0.018), 0.2, "opposite", 0.018),
        ((-0.6, 0.001), (-0.5, 0.018), 0.001, "pattern_rejected", 0.018),
    ],
)
def test_both_links_of_an_indirect_effect_decide_and_the_interval_is_shown(
    first: tuple, second: tuple, interval: float, verdict: str, pvalue: float
) -> None:
    found = word(*mediated(first, second, interval), of="H3a")
    assert found[["verdict", "pvalue", "rule"]].tolist() == [verdict, pvalue, "indirect by joint + mechanisms"]
    assert remark("both_tests", joint=pvalue, interval=interval) in unpacked(found["detail"])
    lacking = word(*mediated(first, second, interval)[1:], of="H3a")
    assert (lacking["verdict"], lacking["reason"]) == ("not_testable", "incomplete")


def latent(term: str, r: float) -> dict:
    return row("", r, NAN, table="covariances", term=term, quantity="std_all")


@pytest.mark.parametrize(("r", "why"), [(0.98, "r = 0.98"), (NAN, "no correlation, as a variance is not above zero")])
def test_twins_are_found_behind_indirect_effects_and_comparisons(r: float, why: str) -> None:
    twins = latent("identification ~~ value", r)
    contrast = row("H10", 0.3, 0.001, table="contrast", quantity="decisive", group="a − b", term="mean of paths")
    out = judged(*mediated((0.6, 0.001), (0.5, 0.018), 0.01), contrast, twins)
    assert out.loc[["H3a", "H10"], "reason"].tolist() == ["indistinct"] * 2
    assert why in words(out.loc["H3a", "detail"])


HEYWOOD = remark("negative_latent_variance", factor="value", value=-0.027, where=[])


def noted(model: str = "mechanisms", group: str = "") -> dict:
    common = {"table": "remarks", "model": model, "term": model, "group": group, "quantity": "inadmissible"}
    return row("", NAN, NAN, **common | {"note": packed([HEYWOOD])})


def test_an_inadmissible_solution_decides_nothing() -> None:
    rows, group = both("H2", 0.4, 0.1, 1e-4), noted(group="platform_type")
    assert word(*rows, noted("levels_value"), group)["verdict"] == "supported"
    found = word(*rows, noted())
    assert (found["verdict"], found["reason"]) == ("not_testable", "inadmissible_solution")
    assert "value" in words(found["detail"])
    contrast = row("H10", 0.3, 0.001, table="contrast", quantity="decisive", group="a − b", term="mean of paths")
    assert word(*rows, group, contrast, of="H10")["reason"] == "inadmissible_solution"
    counts = {"draws": 5000, "failed": 2640, "inadmissible": 2360}
    drawn = [row("", k, NAN, table="bootstrap", term=name, quantity="count") for name, k in counts.items()]
    assert word(*rows, *drawn)["reason"] == "no_admissible_resample"
    drawn[-1]["estimate"] = 2359
    assert word(*rows, *drawn)["verdict"] == "supported"


def test_an_inadmissible_model_within_persons_decides_nothing() -> None:
    test = theory.hypotheses()["H5a"].panel
    loop = {"sample": "panel", "table": "closed_loop", "model": "closed_loop", "group": "all", "quantity": "raw"}
    rows = [row("H5a", 0.1, 0.001, **loop | {"term": term}) for term in test.within]
    out = evidence.verdicts(
        results.whole(pd.DataFrame([*rows, noted("closed_loop") | {"sample": "panel"}])), EVERYTHING
    )
    found = out.set_index(["hypothesis", "kind"]).loc[("H5a", "panel")]
    assert (found["verdict"], found["reason"]) == ("not_testable", "inadmissible_solution")


def doubted(share: float) -> dict:
    return row("", share, NAN, table="quality", term="doubtful", quantity="share", model="")


def without(estimate: float, pvalue: float, term: str = PATH, quantity: str = "effect") -> dict:
    return row("", estimate, pvalue, table="sensitivity", group="without_doubtful", term=term, quantity=quantity)


def test_a_sample_that_is_mostly_doubted_decides_nothing() -> None:
    rows = both("H2", 0.4, 0.1, 1e-4)
    assert word(*rows, doubted(0.5))["verdict"] == "supported"
    found = word(*rows, doubted(0.97))
    assert (found["verdict"], words(found["detail"])) == (
        "not_testable",
        "the answers of 97.0% of the people are doubted",
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([without(0.35, 0.01)], ""),
        ([without(0.22, 0.85)], "not_without_doubted"),
        ([without(-0.40, 0.01)], "not_without_doubted"),
        ([without(NAN, NAN, "", "failed")], "unknown_without_doubted"),
    ],
)
def test_what_rests_on_the_doubted_says_so(rows: list[dict], reason: str) -> None:
    found = word(*both("H2", 0.4, 0.1, 1e-4), doubted(0.4), *rows)
    assert (found["verdict"], found["reason"]) == ("supported", reason)
    assert not reason or "40.0%" in words(found["detail"])


def test_a_survey_speaks_of_association() -> None:
    for hypothesis in theory.hypotheses().values():
        english, chinese = hypothesis.said("survey")["en"], hypothesis.said("survey")["zh"]
        assert "associat" in english.lower()
        assert "相关" in chinese
        assert hypothesis.said("panel") == hypothesis.claim
        assert "相互促进" not in chinese


def test_every_rule_is_stated_for_programs() -> None:
    out = judged(*both("H2", 0.4, 0.1, 1e-4))
    assert out.loc["H2", "rule"] == "sign + mechanisms"
    assert out.loc["H12", "rule"] == "equivalence country ± 0.2 mechanisms"
    assert out.loc["H10", "rule"] == "contrast platform_type: social + content > comprehensive mechanisms"
    assert out["rule"].ne("").all()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_says_that_a_solution_is_inadmissible_and_draws_none(language: str) -> None:
    fitted = row("", 0.5, NAN, table="fit", term="cfi", quantity="cfi", definition="cfi")
    path = both("H2", 0.4, 0.1, 1e-4)
    texts = Texts(language)
    beside, main = [noted(group="country"), noted("levels_value")], [noted()]
    for remarks, improper in ((beside, False), (main, True)):
        rows = results.whole(pd.DataFrame([fitted, *path, *remarks]))
        report = Report(None, rows, *[None] * 5)  # type: ignore[arg-type]
        (table,) = structure.fit(report, texts)
        assert any(texts.model("mechanisms") in note for note in table.notes) == improper
    assert structure.diagram(report, texts) == []


def test_resamples_are_counted_group_by_group() -> None:
    """A comparison rests on the people of all and on those of each grouping, which are resampled apart."""
    contrast = row("H10", 0.3, 0.001, table="contrast", quantity="decisive", group="a − b", term="mean of paths")

    def drawn(group: str, inadmissible: int) -> list[dict]:
        counts = {"draws": 500, "failed": 100, "inadmissible": inadmissible}
        common = {"table": "bootstrap", "quantity": "count", "group": group}
        return [row("", k, NAN, term=name, **common) for name, k in counts.items()]

    assert word(contrast, *drawn("", 0), *drawn("platform_type", 10), of="H10")["verdict"] == "supported"
    assert word(contrast, *drawn("", 0), *drawn("platform_type", 400), of="H10")["reason"] == "no_admissible_resample"
