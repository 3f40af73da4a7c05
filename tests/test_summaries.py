"""Results show themselves: in a line, as text and as HTML; and two of them can be compared and hashed."""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import measurement, panel, sem, synthesis
from models.messages.summary import Summarised

MODELS = Path(__file__).parents[1] / "models"
ARRAYS = re.compile(r"ndarray|FloatArray|IntArray|NDArray|DataFrame|Series")
PUBLIC = [getattr(room, name) for room in (sem, panel, measurement, synthesis) for name in room.__all__]
RESULTS = [
    c for c in PUBLIC if dataclasses.is_dataclass(c) and any(ARRAYS.search(str(f.type)) for f in dataclasses.fields(c))
] + [sem.Fit, sem.Bootstrap, panel.PanelFit]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    cause = rng.normal(size=200)
    effect = 0.5 * cause + rng.normal(size=200)
    items = {f"x{k}": cause + rng.normal(size=200) for k in (1, 2, 3)}
    items |= {f"y{k}": effect + rng.normal(size=200) for k in (1, 2, 3)}
    frame = pd.DataFrame(items)
    frame.loc[:4, "x2"] = np.nan
    return frame.assign(half=["a", "b"] * 100)


@pytest.fixture(scope="module")
def fit(answers: pd.DataFrame) -> sem.Fit:
    return sem.fit("F =~ x1 + x2 + x3\nG =~ y1 + y2 + y3\nG ~ b*F\nb2 := b^2", answers)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"user": np.repeat(range(40), 5), "week": np.tile(range(5), 40), "x<1>": rng.normal(size=200)})
    frame["y"] = 0.5 * frame["x<1>"] + rng.normal(size=200)
    frame.loc[3, "y"] = np.nan
    return frame.assign(half=np.where(frame["user"] < 20, "a", "b"))


@pytest.mark.parametrize("result", RESULTS, ids=lambda c: c.__name__)
def test_a_result_with_arrays_is_equal_to_itself_alone_and_has_a_hash(result: type) -> None:
    assert result.__eq__ is object.__eq__
    assert result.__hash__ is object.__hash__
    assert issubclass(result, Summarised)


def test_every_object_with_arrays_can_be_compared_and_hashed() -> None:
    wrong = []
    for path in MODELS.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "@dataclass" in text else ():
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                made = [ast.unparse(one) for one in node.decorator_list if "dataclass" in ast.unparse(one)]
                kinds = [ast.unparse(f.annotation) for f in node.body if isinstance(f, ast.AnnAssign)]
                held = [kind for kind in kinds if not kind.startswith("Callable")]
                if made and ARRAYS.search(" ".join(held)) and "eq=False" not in made[0]:
                    wrong.append(f"{path.name}: {node.name}")
    assert wrong == []


def test_a_fit_shows_what_lavaan_shows(fit: sem.Fit) -> None:
    text, measures = str(fit), fit.fit_indices()
    said = [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]
    assert "Respondents used 195" in said
    assert "Rows left out for missing answers 5" in said
    assert f"cfi {measures['cfi']:.3f}" in said
    assert "Parameter Label Estimate Std.Err z-value P(>|z|) std.all" in said
    path = fit.tidy().query("op == '~'").iloc[0]
    numbers = " ".join(f"{path[name]:.3f}" for name in ("est", "se", "statistic", "pvalue", "std_all"))
    assert f"G ~ F b {numbers}" in said
    assert "F =~ x1 1.000 " in "\n".join(f"{line} " for line in said)
    headings = ["Latent variables:", "Regressions:", "Variances:", "Defined parameters:"]
    assert [line for line in said if line.endswith(":")] == headings


def test_a_fit_says_its_remarks_and_its_groups(answers: pd.DataFrame) -> None:
    with pytest.warns(sem.ModelWarning):
        fit = sem.fit("F =~ x1 + x2 + x3\ny1 ~ b*F", answers, group="half", missing="fiml")
    assert fit.remarks
    assert all(remark in str(fit) for remark in fit.remarks)
    assert "Regressions, group b:" in str(fit)


def test_a_fit_says_what_is_wrong_with_it() -> None:
    cov = np.array([[1, 0.8, 0.7], [0.8, 1, 0.4], [0.7, 0.4, 1]])
    fit = sem.fit("F =~ a + b + c", sem.Moments(cov, 200, names=["a", "b", "c"]))
    assert fit.improper
    assert all(str(problem) in str(fit) for problem in fit.improper)


def test_a_line_a_page_and_a_row_of_a_fit(fit: sem.Fit) -> None:
    assert repr(fit) == "<Fit: ML, n=195, n_dropped=5, npar=13, df=8>"
    assert "G ~ F" in fit._repr_html_()
    row = fit.glance()
    assert len(row) == 1
    assert row.loc[0, ["nobs", "n_dropped", "df"]].tolist() == [195, 5, 8]
    assert row.loc[0, "cfi"] == fit.fit_indices()["cfi"]


@pytest.mark.parametrize("asked", [{"ordered": True}, {"estimator": "MLR"}, {"bootstrap": 20, "seed": 1}])
def test_every_kind_of_fit_has_text(answers: pd.DataFrame, asked: dict) -> None:
    data = answers.drop(columns="half")
    fit = sem.fit("F =~ x1 + x2 + x3 + y1", (data > 0).astype(int) if "ordered" in asked else data, **asked)
    assert "nan" not in str(fit)
    assert "Latent variables:" in str(fit)


def test_a_panel_fit_shows_its_convention_its_sample_and_its_slopes(rows: pd.DataFrame) -> None:
    fit = panel.fit("y ~ `x<1>`", rows, entity="user", time="week", by="half")
    said = [re.sub(r"\s+", " ", line).strip() for line in str(fit).splitlines()]
    assert "Effects twoway" in said
    assert any(line.startswith("Standard errors stata, clustered by user") for line in said)
    assert "Rows left out 1 (missing: y: 1)" in said
    first = fit.glance().iloc[0]
    assert f"a 99 20 5 20 {first['r2_within']:.3f}" in said
    slope = fit.tidy().iloc[0]
    assert any(f"{slope['est']:.3f} {slope['se']:.3f}" in line for line in said)
    assert repr(fit) == "<PanelFit: y ~ `x<1>`, twoway, nobs=199, groups=2>"
    assert "x&lt;1&gt;" in fit._repr_html_()
    assert "x<1>" not in fit._repr_html_()


def test_a_group_that_cannot_be_estimated_is_in_the_summary(rows: pd.DataFrame) -> None:
    lone = rows.assign(half=np.where(rows["user"] == 0, "lone", "rest"))
    fit = panel.fit("y ~ `x<1>`", lone, entity="user", time="week", by="half")
    assert all(f"{group}: not estimable, {reason}" in str(fit) for group, reason in fit.not_estimable.items())
    assert fit.not_estimable


def test_estimates_have_the_same_names_in_every_engine(fit: sem.Fit, rows: pd.DataFrame) -> None:
    shared = ["term", "est", "se", "statistic", "pvalue", "ci_lower", "ci_upper"]
    keys = {"entity": "user", "time": "week"}
    slopes = panel.fit("y ~ `x<1>`", rows, **keys)
    for tidy in (fit.tidy(), fit.standardised_solution(), slopes.tidy(), panel.half_panel_jackknife(slopes).tidy()):
        assert [name for name in tidy.columns if name in shared] == shared
    assert {"nobs", "n_dropped", "se_type"} <= set(fit.glance()) & set(slopes.glance())


def test_a_result_of_single_values_shows_each_once() -> None:
    text = str(synthesis.dependent_effects(np.array([0.1, 0.2, 0.3]), np.full(3, 0.01), np.array(["a", "b", "c"])))
    assert re.findall(r"^  estimate +0\.200$", text, flags=re.M)
    assert text.count("estimate") == 1


def test_wide_letters_take_two_places() -> None:
    from models.messages.summary import Summary

    text = Summary("t", tables=[("", pd.DataFrame({"name": ["满意", "ab"], "n": [1, 2]}))]).text()
    assert text.splitlines()[-3:] == ["name  n", "满意  1", "ab    2"]
