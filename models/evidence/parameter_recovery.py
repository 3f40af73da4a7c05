"""How well the estimates recover the known truth of a simulated data set."""

from __future__ import annotations

import pandas as pd

from models import results


def known_truth(truth: pd.DataFrame) -> pd.DataFrame:
    """Rows `known_truth`: for each kind of data (`sample`) and hypothesis whether it is true (1) or false (0)."""
    of = truth[truth["table"] == "known_truth"]
    found = pd.DataFrame({"sample": of["sample"], "quantity": "holds", "hypothesis": of["hypothesis"]})
    return results.rows(found.assign(estimate=of["truth"].astype(float)), table="known_truth")


def recovery(rows: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Set estimates beside the truth.

    Parameters
    ----------
    rows
        The results table.
    truth
        Columns sample, table, model, group, term, quantity, truth, hypothesis.

    Returns
    -------
    Rows `recovery` of the results table, one a parameter with a known truth and an estimate: `estimate`, interval;
    `statistic` is the truth and `quantity` says whether the interval covers it.
    """
    keys = ["sample", "table", "model", "group", "term", "quantity"]
    both = truth.rename(columns={"hypothesis": "tests"}).merge(rows, on=keys, how="inner")
    covered = (both["ci_lower"] <= both["truth"]) & (both["truth"] <= both["ci_upper"])
    found = pd.DataFrame(
        {
            "sample": both["sample"],
            "model": both["model"],
            "group": both["group"],
            "term": both["term"],
            "quantity": covered.map({True: "covered", False: "missed"}),
            "hypothesis": both["tests"],
            "estimate": both["estimate"],
            "se": both["se"],
            "statistic": both["truth"],
            "ci_lower": both["ci_lower"],
            "ci_upper": both["ci_upper"],
            "n": both["n"],
        }
    )
    return results.rows(found, table="recovery")
