"""Are causes moved by what also moves the outcome? Instruments and negative controls that a card names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from models import panel, results
from models.behaviour.dynamics import measured
from models.behaviour.estimated_so import defined
from models.behaviour.few_clusters import decisive
from models.behaviour.joint_tests import jointly
from models.behaviour.robustness import attempt
from models.choices import choices
from models.panel.engine.results import PanelFit
from models.panel.language.editing import plus
from models.remarks import Remark, packed, remark
from models.statistics.seeding import SeedOf


def instrumented(
    name: str, fit: PanelFit, data: pd.DataFrame, instruments: Mapping[str, Sequence[str]], seed_of: SeedOf
) -> pd.DataFrame:
    """Slopes of a specification with instruments for the causes that have some, beside those without.

    An instrument is taken from the period of its cause. The first-stage F is clustered; with one instrumented cause it
    is that of Kleibergen & Paap (2006, doi:10.1016/j.jeconom.2005.02.011); below `choices.weak_instruments` the
    instruments are weak (Staiger & Stock 1997, doi:10.2307/2171753). That the cause needs no instrument is tested by
    the residuals of its first stage in the equation of the outcome (Wooldridge 2010, §11.2.3).

    Parameters
    ----------
    instruments
        Cause → columns of `data` that move it.

    Returns
    -------
    Rows `instruments` of the results table: quantities `ols`, `iv`, `instrument` (group: its name),
    `first_stage`, `exogeneity`, `overidentification`.
    """
    terms = {f"lag({cause})": [f"lag({z})" for z in columns] for cause, columns in instruments.items()}
    terms = {term: columns for term, columns in terms.items() if term in fit["all"].estimate.names}
    if not terms:
        return pd.DataFrame()
    used = list(dict.fromkeys(z for columns in terms.values() for z in columns))
    common = {"table": "instruments", "model": f"{name}_iv", "group": "all"}
    keys = {"entity": "entity", "time": "time", "cluster": fit.spec.cluster[0], "effects": fit.spec.effects}
    found = attempt(panel.iv, fit.spec.formula, data, endogenous=list(terms), instruments=used, **keys)
    if isinstance(found, Remark):
        return results.rows([common | {"term": term, "quantity": "iv", "note": packed([found])} for term in terms])
    rows: list[dict[str, Any]] = []
    slopes, plain = found.tidy().set_index("term"), fit.tidy().set_index("term")
    first = found.first_stage.set_index("term")
    for term, columns in terms.items():
        own = common | {"term": term}
        rows.append(
            own
            | {"quantity": "ols", "definition": defined("two_way_clustered", fit)}
            | measured(plain.loc[term])
            | decisive(fit, term, seed_of, name)
        )
        rows.append(own | {"quantity": "iv", "definition": defined("iv_2sls", fit)} | measured(slopes.loc[term]))
        rows += [own | {"quantity": "instrument", "group": column} for column in columns]
        stage = first.loc[term]
        size = {"estimate": stage["partial_r2"], "statistic": stage["partial_F"], "df": float(len(used))}
        size |= {"pvalue": stage["pvalue"], "definition": defined("first_stage", fit)}
        rows.append(own | {"quantity": "first_stage"} | size)
        if stage["partial_F"] < choices.weak_instruments:
            rows[-1]["note"] = packed([remark("weak_instruments", least=choices.weak_instruments)])
    rows.append(
        common
        | {"quantity": "exogeneity", "definition": defined("exogeneity", fit)}
        | _exogeneity(fit, data, terms, used)
    )
    if found.overidentification_df:
        tested = found.glance().iloc[0]
        rows.append(common | {"quantity": "overidentification", "definition": defined("overidentification", fit)})
        rows[-1] |= {"statistic": found.overidentification, "df": float(found.overidentification_df)}
        rows[-1] |= {"pvalue": tested["overidentification_pvalue"], "note": packed(found.remarks)}
    return results.rows(rows)


def _exogeneity(fit: PanelFit, data: pd.DataFrame, terms: dict[str, list[str]], used: list[str]) -> dict[str, Any]:
    """Wald test of the first stages' residuals in the equation of the outcome."""
    keys = {"entity": "entity", "time": "time", "cluster": fit.spec.cluster[0], "effects": fit.spec.effects}
    others = [name for name in fit["all"].estimate.regressors if name not in terms]
    extended, added = data.copy(), []
    for k, term in enumerate(terms):
        stage = attempt(panel.fit, f"{term} ~ {' + '.join([*others, *used])}", data, **keys)
        if isinstance(stage, Remark):
            return {"note": packed([stage])}
        fitted = stage["all"]
        rows = fitted.design.rows[fitted.estimate.transformed.rows]
        extended[f"residual{k}"] = pd.Series(fitted.estimate.u, index=rows).reindex(data.index)
        added.append(f"residual{k}")
    both = attempt(panel.fit, plus(fit.spec.formula, added), extended, **keys)
    if isinstance(both, Remark):
        return {"note": packed([both])}
    numbers, said = jointly(both, added)
    return {"note": packed(said)} | numbers


def negative_controls(
    name: str, fit: PanelFit, data: pd.DataFrame, controls: Sequence[str], seed_of: SeedOf
) -> pd.DataFrame:
    """The same model for outcomes that the causes cannot move: a slope away from zero points to something unmeasured.

    Lipsitch, Tchetgen Tchetgen & Cohen (2010), doi:10.1097/EDE.0b013e3181d61eeb.

    Parameters
    ----------
    controls
        Columns of `data`.

    Returns
    -------
    Rows `negative_control` of the results table: a slope `control ~ cause` each, and `joint`, the Wald test of all of a
    control with a note where it rejects.
    """
    rows: list[dict[str, Any]] = []
    for control in controls:
        common = {
            "table": "negative_control",
            "model": name,
            "group": "all",
            "definition": defined("negative_control", fit),
        }
        found = attempt(panel.negative_control, fit, data, control)
        if isinstance(found, Remark):
            rows.append(common | {"term": control, "quantity": "joint", "note": packed([found])})
            continue
        slopes = found.tidy()
        slopes = slopes[slopes["term"].isin(found["all"].estimate.regressors)]
        rows += [
            common
            | {"term": f"{control} ~ {row.term}", "quantity": "raw"}
            | measured(row)
            | decisive(found, row.term, seed_of, name, "negative_control", control)
            for row in slopes.itertuples()
        ]
        numbers, said = jointly(found, list(slopes["term"]))
        if numbers and numbers["pvalue"] < choices.alpha:
            said = [remark("away_from_zero"), *said]
        rows.append(common | {"term": control, "quantity": "joint", "note": packed(said)} | numbers)
    return results.rows(rows)


def endogeneity(
    name: str,
    fit: PanelFit | None,
    data: pd.DataFrame,
    instruments: Mapping[str, Sequence[str]],
    controls: Sequence[str],
    seed_of: SeedOf,
) -> pd.DataFrame:
    """Instruments and negative controls of a specification without products; nothing where none are named.

    Parameters
    ----------
    instruments
        Cause → its instruments.
    controls
        Negative controls, outcomes that the causes cannot move.
    seed_of
        Names of a draw → its seed.
    """
    if fit is None or any(":" in term for term in fit["all"].estimate.names):
        return pd.DataFrame()
    found = instrumented(name, fit, data, instruments, seed_of)
    return pd.concat([found, negative_controls(name, fit, data, controls, seed_of)], ignore_index=True)
