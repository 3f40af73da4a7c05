"""How often a survey's hypotheses come out *supported*, and beside what named threat, where the truth is known.

    uv run python -m benchmarks.recovery_of_grades [draws] [people]

Five constructs of three items on seven points. For every truth: the share of samples in which a hypothesis is
supported, and the shares of these in which each threat is named beside it. Threats that need further models (misfit,
ordered answers, people who are doubted) are not examined. What each sample gave is kept in `results/benchmarks`, so
that a stopped run goes on.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.kept_samples import kept
from models import evidence, survey, theory
from models.analysis.setting import Estimation, Questionnaire
from models.evidence import Offer
from models.results import whole
from models.sem import SemError

CONSTRUCTS = ("value", "trust", "participation", "identification", "stickiness")
SCALES = {name: [f"{name}{i}" for i in range(3)] for name in CONSTRUCTS}
LOADINGS = (0.69, 0.72, 0.75)
SHOWN = ("H1a", "H1b", "H2", "H3a", "H5a")
NAMED = [key for key, threat in theory.threats().items() if "survey" in threat.kinds]
ESTIMATION = Estimation("fiml", "MLR", min_group=100, permutations=0, bootstrap=39)


def arrows(rho: float, path: float, last: float, direct: float = 0.0) -> np.ndarray:
    """The theory's order; `direct` goes from the first mechanism to stickiness."""
    R = np.eye(5)
    R[:3, :3] = rho + (1 - rho) * np.eye(3)
    R[:3, 3] = R[3, :3] = path * (1 + 2 * rho)
    R[:3, 4] = R[4, :3] = last * R[:3, 3] + direct * R[:3, 0]
    R[3, 4] = R[4, 3] = last + direct * R[0, 3]
    return R


def equal(r: float) -> np.ndarray:
    return r + (1 - r) * np.eye(5)


def reversed_order(path: float) -> np.ndarray:
    R = np.full((5, 5), path**2)
    R[3, :] = R[:, 3] = path
    np.fill_diagonal(R, 1.0)
    return R


@dataclass(frozen=True)
class Truth:
    """Correlations of the constructs, the true rival, and what else is wrong with the answers.

    Attributes
    ----------
    method
        Loading of a common method.
    careless
        Share of people who answer at random.
    other_items
        Loadings of some items in every second person; None where all answer alike.
    of
        The constructs of these items, by place.
    square
        Coefficient of the square of value in identification.
    """

    R: np.ndarray
    rival: str = ""
    method: float = 0.0
    careless: float = 0.0
    other_items: tuple[float, float, float] | None = None
    of: tuple[int, ...] = (0, 1, 2)
    square: float = 0.0


TRUE = arrows(0.4, 0.3, 0.3)
TRUTHS = {
    "every path .3, mechanisms .3": Truth(arrows(0.3, 0.3, 0.3)),
    "every path .3, mechanisms .4": Truth(TRUE),
    "every path .3, mechanisms 0": Truth(arrows(0.0, 0.3, 0.3)),
    "the same, 10% careless": Truth(TRUE, careless=0.1),
    "the same, items of the mechanisms load differently in every second person": Truth(
        TRUE, other_items=(0.75, 0.45, 0.45)
    ),
    "the same, items of identification and stickiness load differently in every second person": Truth(
        TRUE, other_items=(0.75, 0.45, 0.45), of=(3, 4)
    ),
    "the same, value also acts by its square (.2)": Truth(TRUE, square=0.2),
    "value acts by its square alone (.3)": Truth(np.eye(5), square=0.3),
    "a cause of value and stickiness omitted": Truth(arrows(0.4, 0.3, 0.3, direct=0.3)),
    "nothing": Truth(np.eye(5)),
    "common method .4": Truth(np.eye(5), "one_source", method=0.4),
    "common method .5": Truth(np.eye(5), "one_source", method=0.5),
    "one cause behind all (.6)": Truth(equal(0.36), "one_source"),
    "reversed order (.5)": Truth(reversed_order(0.5), "reversed_order"),
    "reversed order (.3)": Truth(reversed_order(0.3), "reversed_order"),
}


def answers(truth: Truth, n: int, rng: np.random.Generator) -> pd.DataFrame:
    factors, common = rng.multivariate_normal(np.zeros(5), truth.R, n), rng.standard_normal(n)
    factors[:, 3] += truth.square * (factors[:, 0] ** 2 - 1)
    columns, second = {}, np.arange(n) % 2 == 1
    for k, name in enumerate(CONSTRUCTS):
        others = truth.other_items if truth.other_items and k in truth.of else LOADINGS
        for item, first, other in zip(SCALES[name], LOADINGS, others, strict=True):
            loading = np.where(second, other, first)
            noise = np.sqrt(np.maximum(1 - loading**2 - truth.method**2, 0.05))
            response = loading * factors[:, k] + truth.method * common + noise * rng.standard_normal(n)
            columns[item] = np.clip(np.round(4 + 1.3 * response), 1, 7)
    frame = pd.DataFrame(columns)
    if truth.careless:
        at = rng.random(n) < truth.careless
        frame.loc[at] = rng.integers(1, 8, (int(at.sum()), frame.shape[1])).astype(float)
    return frame


def verdicts(data: pd.DataFrame) -> dict[str, list]:
    """Hypothesis → its verdict, and the threats named beside it."""
    limits = {item: (1.0, 7.0) for items in SCALES.values() for item in items}
    people = data.assign(respondent=range(len(data)))
    rows = survey.deciding_rows(Questionnaire(SCALES, limits), people, ESTIMATION, lambda *names: 1)
    rows = whole(rows.assign(sample="survey"))
    for column in ("group", "note", "hypothesis", "definition"):
        rows[column] = rows[column].fillna("")
    offer = Offer(("survey",), {"survey": theory.offered(set(CONSTRUCTS))}, {"survey": {}}, ())
    found = evidence.verdicts(rows, offer)
    threats = evidence.exposure(rows, found[found["hypothesis"].isin(SHOWN)]).query("estimate == 1")
    of = threats.groupby("hypothesis")["term"].agg(list)
    words = found[found["kind"] == "survey"].set_index("hypothesis")["verdict"]
    return {key: [words[key], sorted(set(of.get(key, [])))] for key in SHOWN}


def sample(truth: Truth, people: int, seed: list[int], number: int) -> dict[str, list] | None:
    """What is said of one sample; None where its model cannot be fitted."""
    try:
        return verdicts(answers(truth, people, np.random.default_rng([*seed, number])))
    except SemError:
        return None


def main(draws: int, people: int) -> None:
    for name, truth in TRUTHS.items():
        key = zlib.crc32(name.encode())
        path = Path("results/benchmarks/grades") / f"{people}-{key:08x}.jsonl"
        found = [one for one in kept(path, range(draws), partial(sample, truth, people, [key])) if one]
        print(f"{name}, n = {people}, {len(found)} samples")
        print(pd.DataFrame([shares(found, hypothesis) for hypothesis in SHOWN], index=SHOWN).round(2).to_string())


def shares(found: list[dict[str, list]], hypothesis: str) -> dict[str, float]:
    """How often a hypothesis is supported, and beside which share of these each threat is named."""
    threats = [one[hypothesis][1] for one in found if one[hypothesis][0] == "supported"]
    named = {key: float(np.mean([key in one for one in threats])) if threats else np.nan for key in NAMED}
    return {"supported": len(threats) / max(len(found), 1)} | named


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [100, 400][len(given) :]))
