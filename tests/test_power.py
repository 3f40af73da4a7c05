"""How many people a study needs and what a finished one could have found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models import measurement, sem, survey
from models.measurement.planning.power import PowerError
from models.survey.planning import planned, written
from pipeline.cli import main
from pipeline.core import results
from tests.conftest import Project, survey_card

PLAN = "y ~ b*x + start(0.25)*x\nx ~~ 1*x\ny ~~ 0.9375*y\n"


def test_a_plan_of_the_main_model_is_standardised_and_gives_back_its_effects() -> None:
    effects = {"h1a": 0.3, "h1b": 0.2, "h2": 0.5, "direct_trust": 0.1}
    plan = planned(effects, correlation=0.4, items=3, loading=0.8, levels=3)
    data = sem.simulate(plan.population, 40_000, 1)
    assert data.shape[1] == 2 * 9 + 2 * 3
    assert data.var().to_numpy() == pytest.approx(1, abs=0.04), "five standard errors of a variance"
    found = sem.fit(plan.analysis, data).standardised_solution().set_index("label")["est"]
    for label, value in effects.items():
        assert found[label] == pytest.approx(value, abs=0.03), "four standard errors"
    assert found["h3a"] == pytest.approx(0.15, abs=0.02)
    assert found["direct_value"] == pytest.approx(0, abs=0.04), "not named: zero, yet estimated"
    assert set(plan.terms) == {
        "identification ~ value", "identification ~ trust", "stickiness ~ identification", "stickiness ~ trust",
        "h3a", "h3b",
    }  # fmt: skip


@pytest.mark.slow
def test_power_of_a_planned_path_is_that_of_a_correlation_and_grows_with_n() -> None:
    """The Wald test of a standardised slope r with z = √n · r/√(1 − r²), here r = .25."""
    plan = written(PLAN)
    assert plan.analysis == "y ~ b*x\nx ~~ x\ny ~~ y"
    found = measurement.power(plan.population, plan.analysis, plan.terms, [60, 200], draws=250, seed=3)
    z = np.sqrt(found.table["n"]) * 0.25 / np.sqrt(1 - 0.25**2)
    expected = stats.norm.sf(stats.norm.ppf(0.975) - z)
    assert found.table["power"].to_numpy() == pytest.approx(expected, abs=0.095), "three errors of 250 draws"
    assert found.table["power"].is_monotonic_increasing
    closed = ((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * np.sqrt(1 - 0.25**2) / 0.25) ** 2
    assert found.needed.loc[0, "n"] == pytest.approx(closed, rel=0.12)


@pytest.mark.slow
def test_power_of_an_indirect_effect_is_near_that_of_both_its_paths() -> None:
    """Monte-Carlo intervals of a product behave like the joint test of its factors (MacKinnon et al. 2002)."""
    plan = written("m ~ a*x + 0.3*x\ny ~ b*m + 0.3*m\nx ~~ 1*x\nm ~~ 0.91*m\ny ~~ 0.91*y\nab := a*b")
    assert plan.terms == ("m ~ x", "y ~ m", "ab")
    table = measurement.power(plan.population, plan.analysis, plan.terms, [100], draws=250, seed=4).table
    power = table.set_index("term")["power"]
    assert power["ab"] == pytest.approx(power["m~x"] * power["y~m"], abs=0.09), "three errors of 250 draws"


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (lambda: planned({"h1": 0.3}), "unknown effect 'h1'.*the labels are h1a, h1b"),
        (lambda: planned({}), "no effect given; name at least one of h1a"),
        (lambda: planned({"h1a": 0.8, "h1b": 0.7}), "effects on identification would explain 147% of it"),
        (lambda: planned({"h1a": 0.3}, loading=1.2), "loading 1.2; a standardised loading lies between 0 and 1"),
        (lambda: planned({"h1a": 0.3}, items=1), "1 items a construct, 1 levels; expected at least 2 items"),
        (lambda: written("f =~ x1 + x2"), r"no regression \(y ~ x\) and no defined effect"),
        (lambda: written("y ~ 0.3*x\ny | -0.5*t1"), "is a threshold; planning takes answers as numbers"),
        (lambda: written("y ~ c(0.1, 0.3)*x"), "has values by group; plan each group by itself"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_with_the_remedy(plan, message: str) -> None:
    with pytest.raises(PowerError, match=message):
        plan()


@pytest.mark.slow
def test_the_minimum_detectable_effect_is_found_in_four_samples_of_five() -> None:
    """The formula against simulation: an effect of that size, in samples of that size."""
    data = sem.simulate("y ~ 0*x\nx ~~ 1*x\ny ~~ 1*y", 200, 5)
    smallest = measurement.minimum_detectable(sem.fit("y ~ x", data)).loc[0, "minimum_detectable"]
    table = measurement.power(f"y ~ {smallest}*x\nx ~~ 1*x\ny ~~ 1*y", "y ~ x", ["y ~ x"], [200], 250, seed=6).table
    assert table.loc[0, "power"] == pytest.approx(0.8, abs=0.1), (
        "three errors of 250 draws, and that of the error itself"
    )


def test_what_could_be_found_by_group_is_wider_where_fewer_answered() -> None:
    rng = np.random.default_rng(7)
    x = rng.standard_normal(900)
    scales = {"value_functional": ["a1", "a2", "a3"], "identification": ["b1", "b2", "b3"]}
    y = 0.4 * x + np.sqrt(0.84) * rng.standard_normal(900)
    columns = {
        item: f + 0.6 * rng.standard_normal(900)
        for f, items in zip((x, y), scales.values(), strict=True)
        for item in items
    }
    data = pd.DataFrame(columns).assign(place=["north"] * 700 + ["south"] * 200)
    model = survey.structural(survey.MAIN, data, scales)
    assert model is not None
    rows = [survey.structural_rows(model), survey.by_group(model, data, "place", 100, "MLR", "listwise")]
    sizes = {"": 900, "place: north": 700, "place: south": 200}
    found = survey.detectable(pd.concat(rows), sizes)
    found = found[(found["quantity"] == "std_all") & (found["term"] == "identification ~ value")].set_index("group")
    assert found["n"].to_dict() == sizes
    assert found["estimate"][""] < found["estimate"]["place: north"] < found["estimate"]["place: south"]
    ratio = found["estimate"]["place: south"] / found["estimate"]["place: north"]
    assert ratio == pytest.approx(np.sqrt(700 / 200), rel=0.25), "errors go with 1/√n; spreads differ by chance"
    assert "observed" not in " ".join(found.columns), "no power at the observed effect"


# The verb


def test_the_verb_plans_a_study(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (project.folder / "plan.lav").write_text(PLAN, encoding="utf-8")
    assert main(["power", "--model", "plan.lav", "--n", "60", "120", "--draws", "40"]) == 0
    shown = capsys.readouterr()
    assert "80/80 samples" in shown.err
    head, _, line = shown.out.splitlines()[:3]
    assert head.split() == ["effect", "supposed", "n", "=", "60", "n", "=", "120", "n", "for", "0.8"]
    assert line.startswith("y ~ x  ")
    supposed, first, second, *needed = line.removeprefix("y ~ x").split()
    assert float(supposed) == pytest.approx(0.25, abs=0.01)
    assert float(first) < float(second)
    assert 80 < int(needed[0]) < 180


def test_the_verb_shows_what_a_finished_survey_could_find(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.card("demo", survey_card("demo"))
    assert main(["power", "--data-set", "demo"]) == 2
    assert "run `stickiness stage structure demo` first" in capsys.readouterr().err
    row = {"table": "detectable", "term": "identification ~ value", "quantity": "std_all"}
    rows = [row | {"group": "", "estimate": 0.15, "n": 350}, row | {"group": "place: north", "estimate": 0.31, "n": 80}]
    table = results.table([pd.DataFrame(rows)], data_set="demo", simulated=False, stage="structure", sample="survey")
    results.write(table, project.folder / "results/demo/structure.csv")
    assert main(["power", "--data-set", "demo"]) == 0
    shown = capsys.readouterr().out
    assert "everybody (n = 350)  place: north (n = 80)" in shown
    assert "identification ~ value  0.15                 0.31" in shown
    row = {"table": "power", "hypothesis": "H12", "n": 11729, "decides": False}
    rows = [row | {"quantity": name, "estimate": size} for name, size in (("detectable", 0.31), ("needed", 28000))]
    table = results.table([pd.DataFrame(rows)], data_set="demo", simulated=False, stage="judge", sample="panel")
    results.write(table, project.folder / "results/demo/judge/results.csv")
    assert main(["power", "--data-set", "demo"]) == 0
    shown = capsys.readouterr().out
    assert "identification ~ value  0.15" in shown
    (line,) = (line for line in shown.splitlines() if line.startswith("H12"))
    assert line.split() == ["H12", "panel", "0.31", "11,729", "28,000"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--effects", "h1a"], "found:    'h1a'\n    expected: LABEL=VALUE, for example h1a=0.3"),
        (["--effects", "h1a=much"], "write a number after the equals sign"),
        (["--effects", "h4=0.2"], "unknown effect 'h4'"),
        (
            ["--effects", "h1a=0.3", "--power", "80"],
            "--power\n    found:    80\n    expected: a number between 0 and 1",
        ),
        (["--effects", "h1a=0.3", "--n", "5"], "sample sizes of at least 20"),
        (["--effects", "h1a=0.3", "--terms", "stickiness ~ value", "--n", "50"], "is no parameter of the model"),
        (["--model", "plan.lav"], "plan.lav\n    found:    no such file"),
        (["--data-set", "dmo"], "no results of this data set"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_simulated(
    arguments: list[str], message: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["power", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["power", "--help"])
    assert "stickiness power --effects h1a=0.3" in capsys.readouterr().out
