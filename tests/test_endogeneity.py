"""Instruments undo what moves cause and outcome together, negative controls reveal it, cards name both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import behaviour, panel, specs
from models.behaviour.panel_models import fit_spec
from models.benchmark import Design, truth_table
from models.benchmark.behaviour import draw
from pipeline.cards import card as cards
from pipeline.core.errors import InputError
from tests.conftest import Project, log_card, text, words, zero

CARD = {"instruments": {"trust": ["shipping_delay", "service_wait"]}, "negative_controls": ["phone_battery"]}


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    return draw(Design.of({"users": 1200, "months": 12}), np.random.default_rng(29)).panel


@pytest.fixture(scope="module")
def confounded(users: pd.DataFrame) -> pd.DataFrame:
    """A mood that lasts raises trust in one month and identification and the phone's charge in the next."""
    mood = np.random.default_rng(3).normal(size=len(users))
    later = pd.Series(mood, index=users.index).groupby(users["entity"]).shift(1)
    return users.assign(
        trust=users["trust"] + mood,
        identification=users["identification"] + 0.5 * later,
        phone_battery=users["phone_battery"] + 0.02 * later,
    )


def rows_of(data: pd.DataFrame, card: dict, name: str = "identification_next") -> pd.DataFrame:
    fit = fit_spec(specs.panel_specs()[name], specs.panel_specs()[name].formula, data, None)
    return behaviour.endogeneity(name, fit, data, card.get("instruments", {}), card.get("negative_controls", []), zero)


def one(rows: pd.DataFrame, quantity: str) -> pd.Series:
    return rows[rows["quantity"] == quantity].iloc[0]


def test_where_causes_are_exogenous_instruments_agree_with_least_squares(users: pd.DataFrame) -> None:
    rows = rows_of(users, CARD)
    truth = truth_table().query("table == 'instruments' and model == 'identification_next_iv' and group == 'all'")
    (value,) = truth["truth"]
    for quantity in ("ols", "iv"):
        found = one(rows, quantity)
        assert abs(found["estimate"] - value) < 3.3 * found["se"]
    assert one(rows, "first_stage")["statistic"] > 300
    assert one(rows, "exogeneity")["pvalue"] > 0.01
    assert one(rows, "overidentification")["df"] == 1
    assert one(rows, "overidentification")["pvalue"] > 0.01
    control = rows[(rows["table"] == "negative_control") & (rows["quantity"] == "raw")]
    assert (control["estimate"].abs() < 3.3 * control["se"]).all()


def test_instruments_recover_what_a_confounder_hides(confounded: pd.DataFrame) -> None:
    rows = rows_of(confounded, CARD)
    plain, instrumented = one(rows, "ols"), one(rows, "iv")
    assert plain["estimate"] > 0.19 + 10 * plain["se"]
    assert abs(instrumented["estimate"] - 0.19) < 3.3 * instrumented["se"]
    named = rows.loc[rows["quantity"] == "instrument", "group"]
    assert named.tolist() == ["lag(shipping_delay)", "lag(service_wait)"]
    assert one(rows, "exogeneity")["pvalue"] < 1e-6


def test_a_negative_control_that_moves_is_flagged(users: pd.DataFrame, confounded: pd.DataFrame) -> None:
    still, moved = (one(rows_of(data, CARD), "joint") for data in (users, confounded))
    assert still["term"] == moved["term"] == "phone_battery"
    assert words(moved["note"]) == "away from zero: something unmeasured moves both"
    assert moved["pvalue"] < 1e-6
    assert not still["note"] or still["pvalue"] < 0.05


def test_an_instrument_that_reaches_the_outcome_by_itself_is_rejected(users: pd.DataFrame) -> None:
    late = users.groupby("entity")["service_wait"].shift(1).fillna(12)
    rows = rows_of(users.assign(identification=users["identification"] - 0.1 * late), CARD)
    assert one(rows, "overidentification")["pvalue"] < 1e-6


def test_a_weak_instrument_says_so(users: pd.DataFrame) -> None:
    noise = users.assign(shipping_delay=np.random.default_rng(8).normal(size=len(users)))
    rows = rows_of(noise, {"instruments": {"trust": ["shipping_delay"]}})
    assert words(one(rows, "first_stage")["note"]) == "the instruments are weak, first-stage F below 10"
    assert "overidentification" not in set(rows["quantity"]), "nothing to test with one instrument for one cause"


def test_no_card_no_rows_and_no_products(users: pd.DataFrame) -> None:
    assert rows_of(users, {}).empty
    assert rows_of(users, CARD, "price_shock").empty


def test_lagged_instruments_are_columns_of_the_data(users: pd.DataFrame) -> None:
    with pytest.raises(panel.PanelError, match="'shiping_delay'.*did you mean 'shipping_delay'"):
        panel.iv(
            "identification ~ lag(trust)",
            users,
            endogenous=["lag(trust)"],
            instruments=["lag(shiping_delay)"],
            entity="entity",
            time="time",
        )


def auxiliary(**panel_entries: object) -> dict:
    card = log_card("demo")
    card["panel"]["auxiliary"] = {"delay": {"label": text("delay"), "agg": "mean", "column": "amount"}}
    card["panel"] |= panel_entries
    return card


@pytest.mark.parametrize(
    ("entries", "messages"),
    [
        ({"instruments": {"stickiness": ["dellay"]}}, ["unknown auxiliary measure 'dellay'", "did you mean 'delay'"]),
        ({"negative_controls": ["delai"]}, ["unknown auxiliary measure 'delai'", "panel.negative_controls.0"]),
        (
            {"instruments": {"stickines": ["delay"]}},
            ["instruments of 'stickines', which the panel does not measure", "did you mean 'stickiness'"],
        ),
        (
            {"auxiliary": {"trust": {"label": text("t"), "agg": "count"}}},
            ["auxiliary measure 'trust' has the name of a construct", "belongs under panel.measures"],
        ),
        ({"negative_control": ["delay"]}, ["unknown entry 'negative_control'", "did you mean 'negative_controls'"]),
    ],
)
def test_a_card_that_names_what_is_not_there_is_told(project: Project, entries: dict, messages: list[str]) -> None:
    path = project.card("demo", auxiliary(**entries))
    with pytest.raises(InputError) as error:
        cards.load(path)
    for message in messages:
        assert message in str(error.value)


def test_a_card_with_an_instrument_of_what_it_measures_is_read(project: Project) -> None:
    card = cards.load(
        project.card("demo", auxiliary(instruments={"stickiness": ["delay"]}, negative_controls=["delay"]))
    )
    assert card.panel is not None
    assert card.panel.instruments == {"stickiness": ("delay",)}
