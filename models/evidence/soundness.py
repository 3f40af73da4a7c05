"""What must hold of a model and a sample before they decide: an admissible solution, and people whose answers count."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.choices import choices
from models.remarks import Remark, remark, unpacked
from models.theory import Contrast, Equivalence, Indirect, Rule


def inadmissible(decisive: pd.DataFrame, rows: pd.DataFrame, kind: str, test: Rule) -> Remark | None:
    """Why the solution that decides cannot be true, or has no resample that could; None where it can.

    A model of groups is a solution of its own, whose differences also rest on the deviations of the pooled one.
    """
    parts = ("", test.by) if isinstance(test, Contrast | Equivalence) else ("",)
    same = rows[(rows["sample"] == kind) & rows["model"].isin(decisive["model"]) & rows["group"].isin(parts)]
    subjects = {*decisive["model"], *decisive["term"]}
    noted = same[(same["table"] == "remarks") & (same["quantity"] == "inadmissible") & same["term"].isin(subjects)]
    if len(noted):
        return remark("inadmissible_solution", reasons=[one for note in noted["note"] for one in unpacked(note)])
    for _, counts in same[same["table"] == "bootstrap"].groupby(["model", "group"]):
        n = counts.set_index("term")["estimate"]
        if n["draws"] <= n["failed"] + n["inadmissible"]:
            return remark("no_admissible_resample", draws=int(n["draws"]))
    return None


def unequal_loadings(rows: pd.DataFrame, kind: str, test: Rule) -> Remark | None:
    """That items do not load alike in the groups that a claim compares, not even most of them.

    Paths are then in other units in each group (Vandenberg & Lance 2000, doi:10.1177/109442810031002). Where loadings
    are equal in part, or no ladder was climbed, the comparison stands, with what that leaves open among its threats.
    """
    if kind != "survey" or not isinstance(test, Contrast | Equivalence):
        return None
    ladder = rows[(rows["table"] == "invariance") & (rows["group"] == test.by) & (rows["quantity"] == "held")]
    held = ladder[ladder["model"] == ""].set_index("term")["estimate"]
    if held.empty or held.get("metric", 0) == 1 or held.get("partial metric", 0) == 1:
        return None
    return remark("loadings_differ", group=test.by)


def doubted_share(rows: pd.DataFrame) -> float:
    """Share of the people of a survey whom the screen doubts; NaN where it did not look."""
    quality = rows[(rows["table"] == "quality") & (rows["term"] == "doubtful") & (rows["quantity"] == "share")]
    return float(quality["estimate"].iloc[0]) if len(quality) else np.nan


def doubted_sample(rows: pd.DataFrame, kind: str) -> Remark | None:
    """That most of the answers are doubted (`choices.doubted_most`); None where they are not."""
    share = doubted_share(rows)
    return remark("doubted_sample", share=share) if kind == "survey" and share > choices.doubted_most else None


def without_doubted(test: Rule, term: str, rows: pd.DataFrame) -> Remark | None:
    """That what the survey supports does not hold without the doubted, or cannot be looked at; None where it holds."""
    other = rows[
        (rows["table"] == "sensitivity") & (rows["group"] == "without_doubtful") & (rows["model"] == test.spec)
    ]
    if other["quantity"].eq("failed").any():
        return remark("unknown_without_doubted", share=doubted_share(rows))
    joint = isinstance(test, Indirect) and test.by == "joint"
    terms = [link.term for link in test.through] if isinstance(test, Indirect) and joint else [term]
    found = other[(other["quantity"] == "effect") & other["term"].isin(terms)]
    if found.empty:
        return None
    weakest = found.loc[found["pvalue"].astype(float).idxmax()]
    turned = found["estimate"] < 0 if test.sign == "+" else found["estimate"] > 0
    if weakest["pvalue"] < choices.alpha and not turned.any():
        return None
    shown = {"estimate": float(weakest["estimate"]), "p": float(weakest["pvalue"])}
    return remark("not_without_doubted", share=doubted_share(rows), **shown)
