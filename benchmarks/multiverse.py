"""Do the joint tests of a multiverse reject as often as they say, and do they find what is there?

    uv run python -m benchmarks.multiverse survey|panel [samples] [draws] [effect]

Survey: three constructs of three items, 200 people, every twentieth answer missing; value acts on identification by
`effect`, identification on stickiness by .4. Combinations: robust and normal errors × all or complete answers.

Panel: 60 users, 8 periods, a tenth of the rows missing, effects of users and periods, errors that follow each other;
`effect` of the past cause. Combinations: outcome as measured or as normal scores × with or without the other cause.

What each sample gave is kept in `results/benchmarks`, so that a stopped run goes on.
"""

from __future__ import annotations

import sys
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import models.behaviour.multiverse as panels
from benchmarks.kept_samples import kept
from models.analysis.joint_curve import joint_rows
from models.survey.multiverse import drawn, predicted, resamples, sharing
from models.survey.specifications import fitted, universes
from models.survey.variants import Variants

SCALES = {c: [f"{c[:2]}{i}" for i in range(1, 4)] for c in ("value_functional", "identification", "stickiness")}
FIRST, SECOND = "identification ~ value", "stickiness ~ identification"


def survey_sample(effect: float, seed: int, n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    value = rng.standard_normal(n)
    identification = effect * value + np.sqrt(1 - effect**2) * rng.standard_normal(n)
    stickiness = 0.4 * identification + np.sqrt(0.84) * rng.standard_normal(n)
    columns = {}
    for factor, items in zip((value, identification, stickiness), SCALES.values(), strict=True):
        for item in items:
            columns[item] = 0.8 * factor + 0.6 * rng.standard_normal(n)
    frame = pd.DataFrame(columns)
    frame = frame.mask(rng.random(frame.shape) < 0.05)
    return frame.assign(respondent=range(n))


def survey_rows(effect: float, seed: int, draws: int) -> pd.DataFrame:
    variants = Variants(survey_sample(effect, seed), SCALES)
    found = [one for one in universes(variants, [], asked=True) if one["estimator"] != "WLSMV"]
    counts = resamples(len(variants.people["all"]), draws, seed)
    parts = [one for group in sharing(found) for one in drawn(variants, group, [], counts)]
    main = fitted(variants, found[0], [])
    assert main is not None
    return joint_rows(parts, predicted(main), "mechanisms").query("term in @SHOWN")


def panel_sample(effect: float, seed: int, users: int = 60, periods: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)

    def series(size: float) -> np.ndarray:
        shocks = rng.standard_normal((users, periods))
        for t in range(1, periods):
            shocks[:, t] += 0.5 * shocks[:, t - 1]
        return shocks + size * rng.standard_normal((users, 1)) + size * rng.standard_normal((1, periods))

    value, trust, noise = series(0.5), series(0.5), series(1.0)
    before = np.column_stack([np.zeros(users), value[:, :-1]])
    frame = pd.DataFrame({"entity": np.repeat(range(users), periods), "time": np.tile(range(periods), users)})
    frame = frame.assign(value=value.ravel(), trust=trust.ravel(), identification=(effect * before + noise).ravel())
    return frame[rng.random(len(frame)) > 0.1].reset_index(drop=True)


def panel_rows(effect: float, seed: int, draws: int) -> pd.DataFrame:
    name, measures = "identification_next", {"value", "trust", "identification"}
    data = panel_sample(effect, seed)
    turned = panels.signs(data, draws, seed)
    found = panels.universes(name, data, measures)
    usual = {"lags": "one", "effects": "twoway", "people": "all", "clustering": "entity"}
    kept = [one for one in found if usual.items() <= dict(one.chosen).items()]
    parts = [panels.drawn(name, data, measures, one, turned, lambda *_: seed) for one in kept]
    return joint_rows(parts, panels.predicted(name), name).query("term == 'lag(value)'")


SHOWN = (FIRST, SECOND)
WAYS = {"survey": survey_rows, "panel": panel_rows}


def main(kind: str, samples: int = 500, draws: int = 99, effect: float = 0.0) -> None:
    warnings.filterwarnings("ignore")
    path = Path("results/benchmarks") / f"multiverse-{kind}-{draws}-{effect:g}.jsonl"
    found = kept(path, range(samples), partial(pvalues, kind, effect, draws))
    print(f"{kind}: effect {effect:g}, {samples} samples, {draws} draws; share of p ≤ .05")
    print(shares(pd.DataFrame([one for sample in found for one in sample])).to_string())


def pvalues(kind: str, effect: float, draws: int, seed: int) -> list[dict]:
    """The p-values of the joint tests in one sample."""
    rows = WAYS[kind](effect, seed, draws)
    joint = rows[(rows["table"] == "multiverse_joint") & rows["pvalue"].notna()]
    family = rows[rows["quantity"] == "familywise"].groupby("term", as_index=False)["pvalue"].min()
    found = pd.concat([joint, family.assign(group="all", quantity="familywise, smallest")], ignore_index=True)
    return found[["term", "group", "quantity", "pvalue"]].to_dict("records")


def shares(every: pd.DataFrame) -> pd.DataFrame:
    """Share of samples with p ≤ .05, its standard error and the number of samples."""
    below = every.assign(below=every["pvalue"] < 0.05 + 1e-9).groupby(["term", "group", "quantity"])["below"]
    return below.agg(share="mean", se="sem", samples="size").round(3)


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    main(kind, *[int(number) for number in numbers[:2]], *[float(number) for number in numbers[2:]])
