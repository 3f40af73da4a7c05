"""The mean of an effect over data sets, how much they differ, and what the mean rests on."""

from __future__ import annotations

import pandas as pd

from models import results, synthesis

PAIR, SEVERAL = 2, 3


def means(effects: pd.DataFrame) -> pd.DataFrame:
    """Random-effects means of every effect that two data sets have, kind of data by kind of data.

    Parameters
    ----------
    effects : DataFrame
        What `effects` gives.

    Returns
    -------
    Rows `synthesis_means`: mean, τ², I² and Q; with three data sets or more the prediction interval and the mean
    without each of them.
    """
    parts = [
        results.rows(_rows(part), table="synthesis_means", sample=kind, term=of)
        for (kind, of), part in effects[effects["pooled"].astype(bool)].groupby(["kind", "of"], sort=False)
        if len(part) >= PAIR
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _rows(part: pd.DataFrame) -> list[dict]:
    y, v, names = part["estimate"].to_numpy(float), part["se"].to_numpy(float) ** 2, part["data_set"].tolist()
    pooled = synthesis.random_effects(y, v)
    interval = {"ci_lower": pooled.ci_lower, "ci_upper": pooled.ci_upper}
    test = {"statistic": pooled.statistic, "df": pooled.df, "pvalue": pooled.pvalue}
    rows = [
        {"quantity": "mean", "estimate": pooled.estimate, "se": pooled.se} | interval | test,
        {"quantity": "tau2", "estimate": pooled.tau2, "ci_lower": pooled.tau2_lower, "ci_upper": pooled.tau2_upper},
        {"quantity": "i2", "estimate": pooled.i2 / 100},
        {"quantity": "q", "statistic": pooled.q, "df": pooled.q_df, "pvalue": pooled.q_pvalue},
    ]
    if len(part) >= SEVERAL:
        expected = {"ci_lower": pooled.prediction_lower, "ci_upper": pooled.prediction_upper}
        rows.append({"quantity": "prediction", "estimate": pooled.estimate} | expected)
        for row in synthesis.leave_one_out(y, v, names).to_dict("records"):
            kept = {name: row[name] for name in ("se", "df", "pvalue", "ci_lower", "ci_upper")}
            one = {"quantity": "without", "group": row["left_out"], "n": row["k"], "estimate": row["est"]}
            rows.append(one | kept)
    return [{"n": len(part)} | row for row in rows]
