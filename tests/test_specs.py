"""A model is cut to what a card measures, and what is cut is named."""

from __future__ import annotations

import re

import pytest

from models import specs

MECHANISMS = specs.structural_specs()["mechanisms"]


def items(*constructs: str) -> dict[str, list[str]]:
    return {construct: [f"{construct}_{i}" for i in (1, 2, 3)] for construct in constructs}


def lines(built: specs.Built) -> set[str]:
    return set(built.syntax.splitlines())


def test_three_levels_make_a_second_order_factor() -> None:
    scales = items("trust_fulfilment", "trust_competence", "trust_affective", "identification")
    built = specs.structural(MECHANISMS, scales)
    assert "trust =~ trust_fulfilment + trust_competence + trust_affective" in lines(built)
    assert "identification ~ h1b*trust" in lines(built)


def test_two_levels_get_equal_weights_and_a_remark() -> None:
    built = specs.structural(MECHANISMS, items("trust_fulfilment", "trust_affective", "identification"))
    assert "trust =~ 1*trust_fulfilment + 1*trust_affective" in lines(built)
    assert "trust_affective =~ NA*trust_affective_1 + trust_affective_2 + trust_affective_3" in lines(built)
    assert "trust_affective ~~ rest_trust*trust_affective" in lines(built)
    assert "rest_trust == 1 - own_trust" in lines(built)
    assert any("equal weights in standard deviations" in str(remark) for remark in built.remarks)


def test_one_level_stands_for_its_mechanism_and_says_so() -> None:
    built = specs.structural(MECHANISMS, items("value_functional", "identification"))
    assert "value =~ value_functional_1 + value_functional_2 + value_functional_3" in lines(built)
    assert list(map(str, built.remarks)) == ["value: only value_functional is measured and stands for it"]


def test_a_construct_of_one_item_is_said_to_be_free_of_error() -> None:
    built = specs.structural(MECHANISMS, {"value_functional": ["v1", "v2"], "identification": ["i1"]})
    assert any("identification is a single item" in str(remark) for remark in built.remarks)


def test_terms_without_items_are_left_out_and_named() -> None:
    built = specs.structural(MECHANISMS, items("value_functional", "identification", "stickiness"))
    assert ("identification ~ trust", ("trust",)) in built.left_out
    assert ("loyalty ~ stickiness", ("loyalty",)) in built.left_out
    assert "h3a := h1a*h2" in lines(built)
    assert not any(line.startswith("h3b") for line in lines(built))


def test_nothing_measured_leaves_nothing() -> None:
    assert specs.structural(MECHANISMS, items("need_esteem")).syntax == ""


def test_a_chain_keeps_its_levels_as_factors_of_their_own() -> None:
    scales = items("value_functional", "value_emotional", "value_social")
    built = specs.structural(specs.structural_specs()["levels_value"], scales)
    assert built.latents == ["value_functional", "value_emotional", "value_social"]
    assert "value_emotional ~ h4a_first*value_functional" in lines(built)


def test_an_unreadable_term_is_quoted() -> None:
    with pytest.raises(ValueError, match=r"cannot read 'identification ~ 2\*\*trust'"):
        specs.structural("identification ~ 2**trust", items("identification"))


def test_rivals_measure_the_same_items() -> None:
    """Information criteria compare only models of the same variables."""
    scales = items(
        "value_functional", "trust_affective", "participation_active", "identification", "stickiness", "transaction"
    )
    measured = []
    for text in specs.structural_specs("rivals").values():
        built = specs.structural(text, scales, also=["transaction", "value", "trust", "participation"])
        measured.append({line for line in lines(built) if "=~" in line})
    assert len(measured) == 6
    assert all(one == measured[0] for one in measured)


def test_a_panel_formula_keeps_the_measures_at_hand() -> None:
    spec = specs.panel_specs()["identification_next"]
    formula, left_out = specs.panel_formula(spec, {"identification", "value"})
    assert formula == "identification ~ lag(value)"
    assert ("identification ~ lag(trust)", ("trust",)) in left_out
    assert specs.panel_formula(spec, {"value"})[0] == ""


def test_a_product_names_what_it_lacks_and_pairs_its_indicators() -> None:
    (product,) = specs.products("stickiness ~ h7*identification:price_comparison  # a comment")
    assert product.term == "stickiness ~ identification:price_comparison"
    assert product.lacking({"stickiness", "identification"}) == ("price_comparison",)
    first, second = specs.paired({name: [name] for name in "abcd"}, {name: [name] for name in "xyz"})
    assert first == {"a": ["a"], "b": ["b"], "mean_c_d": ["c", "d"]}
    assert list(second) == ["x", "y", "z"]
    levels = specs.indicators("trust", items("trust_fulfilment", "trust_affective"))
    assert list(levels) == ["mean_trust_fulfilment", "mean_trust_affective"]
    assert list(specs.indicators("trust", items("trust_affective"))) == items("trust_affective")["trust_affective"]
    for line in (
        "a ~ b",
        "a ~ b:c + d:e",
        "a ~ 2*b:c",
        "a =~ b:c",
        "a ~ b:c:d",
        "x := b*c",
        "a ~ x*y*b:c",
        "a ~ b:c; d ~ e:f",
    ):
        with pytest.raises(ValueError, match=rf"cannot read '{re.escape(line)}': expected `outcome ~ first:second`"):
            specs.products(line)
    assert specs.products("a~x*b:c")[0] == specs.Product("a", "b", "c", "x")
