"""The comparison of rival models points to the model that made the answers; thresholds reach the results as by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import sem, survey
from models.choices import choices
from models.remarks import unpacked
from models.survey.all_analyses import necessity_rows
from pipeline.cards import card as cards
from pipeline.core.seeds import Seeds
from tests.conftest import Project, base_card, text

CONSTRUCTS = (
    "value_functional",
    "trust_competence",
    "participation_active",
    "transaction",
    "identification",
    "stickiness",
)
SCALES = {name: [f"{name}_{k}" for k in (1, 2, 3)] for name in CONSTRUCTS}
CAUSES = "0.35*value_functional + 0.3*trust_competence + 0.3*participation_active"
TRUTHS = {
    "mechanisms": f"identification ~ {CAUSES}\nstickiness ~ 0.4*identification + {CAUSES} + 0.2*transaction",
    "full_mediation": f"identification ~ {CAUSES}\nstickiness ~ 0.5*identification",
    "direct_only": f"identification ~ {CAUSES}\nstickiness ~ {CAUSES}",
    "transaction_only": f"identification ~ {CAUSES}\nstickiness ~ 0.5*transaction",
    "reversed": f"stickiness ~ {CAUSES}\nidentification ~ 0.5*stickiness",
}


def population(truth: str) -> str:
    """Three items a construct with loadings .8; the mechanisms correlate by .5, more than identification makes them."""
    lines = [f"{name} =~ {' + '.join(f'0.8*{item}' for item in items)}" for name, items in SCALES.items()]
    lines += [f"{item} ~~ 0.36*{item}" for items in SCALES.values() for item in items]
    mechanisms = CONSTRUCTS[:3]
    lines += [f"{a} ~~ 0.5*{b}" for i, a in enumerate(mechanisms) for b in mechanisms[:i]]
    lines += [f"{outcome} ~~ 0.5*{outcome}" for outcome in ("identification", "stickiness")]
    return "\n".join([*lines, truth])


@pytest.mark.parametrize("truth", list(TRUTHS))
def test_the_model_that_made_the_answers_has_the_smallest_bic(truth: str) -> None:
    """At n = 2,000; of models that contain the truth each parameter too many counts ln n = 7.6 less its χ²."""
    data = sem.simulate(population(TRUTHS[truth]), 2000, seed=11)
    model = survey.structural(survey.MAIN, data, SCALES)
    assert model is not None
    rows = survey.rivals(model, SCALES)
    bic = rows[rows["quantity"] == "bic"].set_index("term")["estimate"]
    assert set(bic.index) == {*TRUTHS, "identification_first", "identification_only", "one_factor"}
    assert bic.pop("identification_first") == pytest.approx(bic["mechanisms"]), "the theory with one arrow turned"
    assert bic.idxmin() == truth
    assert bic.drop(truth).min() - bic[truth] > choices.bic_apart
    delta = rows[rows["quantity"] == "delta_bic"].set_index("term")["estimate"]
    assert delta["mechanisms"] == 0
    assert delta[truth] == pytest.approx(bic[truth] - bic["mechanisms"])


# Thresholds

STAIRS = pd.DataFrame({"x": [0, 1, 1, 2, 3, 4, 4, 4, 2, 3.0], "y": [1, 2, 0, 2, 3, 4, 1, 0, 1, 2.0]})


def threshold_rows(project: Project, data: pd.DataFrame) -> pd.DataFrame:
    pair = (("x", "value_functional"), ("y", "value_social"))
    items = [{"column": c, "construct": name, "range": [0, 5], "label": text(c)} for c, name in pair]
    card = cards.load(project.card("demo", base_card("demo") | {"survey": {"table": "table", "items": items}}))
    return pd.concat(necessity_rows(Seeds(1, "demo", "structure"), card.questionnaire, data, 200), ignore_index=True)


def test_a_threshold_worked_by_hand_arrives_in_the_results_on_the_scope_of_the_answers(project: Project) -> None:
    """Steps 1, 2, 2, 3, 4 over unit widths below a roof at 5: empty area 4 + 3 + 3 + 2 + 1 = 13 of 25."""
    rows = threshold_rows(project, STAIRS)
    assert set(rows["term"]) == {"value_social ~ value_functional"}
    steps = rows[rows["group"] == "ce_fdh"].set_index("quantity")
    assert steps.loc["d", "estimate"] == pytest.approx(13 / 25)
    assert steps.loc["accuracy", "estimate"] == 1
    assert steps.loc["d", "n"] == 10
    assert 0 < steps.loc["d", "pvalue"] < 0.5
    line = rows[rows["group"] == "cr_fdh"].set_index("quantity")
    assert line.loc["d", "estimate"] == pytest.approx((3.9 + 0.4) / 2 * 5 / 25), "line 1.1 + 0.7 x below a roof at 5"
    assert line.loc["accuracy", "estimate"] == pytest.approx(8 / 10)


def test_a_threshold_that_cannot_be_looked_for_leaves_its_reason(project: Project) -> None:
    rows = threshold_rows(project, STAIRS.assign(x=2.0))
    assert rows["quantity"].tolist() == ["failed"]
    assert rows["term"].tolist() == ["value_social ~ value_functional"]
    assert "vary" in str(unpacked(rows.loc[0, "note"])[0])


def test_no_threshold_is_claimed_where_there_is_none(project: Project) -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"x": rng.integers(0, 6, 400), "y": rng.integers(0, 6, 400)}, dtype=float)
    rows = threshold_rows(project, data)
    found = rows[rows["quantity"] == "d"]
    assert (found["estimate"] < 0.1).all()
