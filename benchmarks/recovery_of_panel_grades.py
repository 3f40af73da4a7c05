"""How often a panel's hypotheses come out *supported*, and beside what named threat, where the truth is known.

    uv run python benchmarks/recovery_of_panel_grades.py [draws] [users] [periods]

Three mechanisms, identification and stickiness, normal, with a trait of the user and an effect of the period in each.
For every truth: the share of samples in which a hypothesis is supported, and the shares of these beside which each
threat, and any, is named.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable

import numpy as np
import pandas as pd

from models import evidence, theory
from models.behaviour.dynamics import mediation_rows
from models.behaviour.own_past import own_past
from models.behaviour.panel_models import fit_spec, hypothesis_of, slope_rows
from models.behaviour.sensitivity import confounders, placebo
from models.results import whole
from models.specs import panel_specs

MECHANISMS = ("value", "trust", "participation")
MEASURES = (*MECHANISMS, "identification", "stickiness")
SPECS, MEDIATED = ("identification_next", "stickiness_next"), "lagged_mediation"
SHOWN = ("H1a", "H2", "H3a")
BURN_IN = 20

# What a period's measures (users, 5) are, given those of the period before and fresh noise (users, 5).
Step = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _nothing(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return noise


def _true(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    now = noise.copy()
    now[:, 3] += 0.3 * before[:, :3].sum(axis=1)
    now[:, 4] += 0.3 * before[:, 3]
    return now


def _feedback(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    now = noise.copy()
    now[:, :3] += 0.3 * before[:, [3]]
    now[:, 3] += 0.3 * before[:, 4]
    return now


def _true_and_feedback(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return _true(before, noise) + _feedback(before, noise) - noise


def _persisting(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return _true(before, noise) + 0.4 * before


def _reversed(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    now = noise.copy()
    now[:, 4] += 0.5 * before[:, 4]
    now[:, 3] += 0.3 * before[:, 3] + 0.5 * now[:, 4]
    now[:, :3] += 0.5 * now[:, [3]]
    return now


TRUTHS: dict[str, tuple[Step, float]] = {
    "every path .3": (_true, 0.0),
    "the same, every measure persists (.4)": (_persisting, 0.0),
    "the same, with feedback of .3": (_true_and_feedback, 0.0),
    "reversed order within the period": (_reversed, 0.0),
    "one activity behind all counts": (_nothing, 0.8),
    "feedback alone": (_feedback, 0.0),
    "nothing": (_nothing, 0.0),
}


def panel_of(step: Step, activity: float, users: int, periods: int, rng: np.random.Generator) -> pd.DataFrame:
    """Measures of users over periods; `activity` (first-order autoregressive, .5) moves all of them."""
    now, active = np.zeros((users, len(MEASURES))), np.zeros(users)
    traits, kept = rng.standard_normal((users, len(MEASURES))), []
    for _ in range(BURN_IN + periods):
        active = 0.5 * active + np.sqrt(0.75) * rng.standard_normal(users)
        now = step(now, rng.standard_normal((users, len(MEASURES))))
        kept.append(now + activity * active[:, None] + traits + 0.3 * rng.standard_normal(len(MEASURES)))
    values = np.concatenate(kept[BURN_IN:])
    keys = {"entity": np.tile(np.arange(users), periods), "time": np.repeat(np.arange(periods), users)}
    return pd.DataFrame(keys | dict(zip(MEASURES, values.T, strict=True)))


def verdicts(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Verdicts and the threats that they were exposed to."""

    def seed_of(*names: str) -> int:
        return zlib.crc32(" ".join(names).encode())

    fits, parts = [], []
    for name in SPECS:
        spec = panel_specs()[name]
        fits.append(fit := fit_spec(spec, spec.formula, data, None))
        parts += [slope_rows(fit, name, "raw", None, seed_of), placebo(name, spec, fit, data)]
        parts += [own_past(name, spec, fit, data), confounders(name, fit)]
    indirect = mediation_rows(MEDIATED, panel_specs()[MEDIATED], *fits, "raw", seed_of)
    claims = hypothesis_of(MEDIATED)
    parts.append(pd.DataFrame([row | {"hypothesis": claims[row["term"]], "decides": True} for row in indirect]))
    rows = whole(pd.concat(parts, ignore_index=True).assign(sample="panel"))
    for column in ("group", "note", "hypothesis", "definition"):
        rows[column] = rows[column].fillna("")
    offer = evidence.Offer(("panel",), {"panel": theory.offered(set(MEASURES))}, {"panel": {}}, ())
    found = evidence.verdicts(rows, offer)
    return found[found["kind"] == "panel"].set_index("hypothesis"), evidence.exposure(rows, found)


def main(draws: int, users: int, periods: int) -> None:
    known = [key for key, threat in theory.threats().items() if threat.kind == "panel" and "H1" in threat.families]
    lines: list[dict[str, object]] = []
    for name, (step, activity) in TRUTHS.items():
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        named: dict[str, list[set[str]]] = {key: [] for key in SHOWN}
        for _ in range(draws):
            found, threats = verdicts(panel_of(step, activity, users, periods, rng))
            for key in SHOWN:
                if found.loc[key, "verdict"] == "supported":
                    own = threats[(threats["hypothesis"] == key) & (threats["estimate"] == 1)]
                    named[key].append(set(own["term"]))
        for key, sets in named.items():
            shares = {threat: [threat in one for one in sets] for threat in known} | {"any": [bool(s) for s in sets]}
            line = {"truth": name, "hypothesis": key, "supported": len(sets) / draws}
            line |= {threat: np.mean(share) if sets else np.nan for threat, share in shares.items()}
            lines.append(line)
        print(pd.DataFrame(lines).round(2).to_string(index=False), flush=True)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [50, 300, 10][len(given) :]))
