"""One door to the panel models: a formula in, an immutable result out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd

from models.panel.engine.coding import common_references
from models.panel.engine.conventions import CONVENTIONS
from models.panel.engine.design import Design, FloatArray, check_formula, check_sample, keyed
from models.panel.engine.keys import IntArray, Periods, period_numbers
from models.panel.engine.ledger import Ledger
from models.panel.engine.reference import EFFECTS, Estimate, estimate
from models.panel.engine.results import GroupFit, PanelFit, Spec
from models.panel.engine.sample import Sample, complete_rows
from models.panel.errors import NotEstimableError, OptionError, check_option, no_group
from models.panel.options import Effects, Engine, Errors, Singletons
from models.panel.streaming.two_passes import NotStreamableError, estimate_design
from models.remarks import Remark, remark

STREAM_ROWS = 1_000_000


def fit(
    formula: str,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    effects: Effects = "twoway",
    cluster: str | Sequence[str] | None = None,
    by: str | None = None,
    se_type: Errors = "stata",
    bandwidth: int | None = None,
    freq: str | None = None,
    singletons: Singletons = "keep",
    engine: Engine = "auto",
) -> PanelFit:
    """Estimate a linear panel model, separately for each group of ``by``.

    Parameters
    ----------
    formula : str
        ``"y ~ a + b + a:c + C(d) + lag(e, 2) + I(f**2)"``; `language.formula.read` says what it may hold. Lags and
        leads look up the same entity that many *periods* away. Text and categories get a column a category but the
        first (over groups: the first that all have). A row without a value of any variable is left out.
    data : DataFrame
        One row an entity and period (within a group).
    entity, time : str
        Key columns. Time is a whole number, a date or a pandas period.
    effects : {"pooled", "between", "random", "entity", "time", "twoway", "first-difference", "mundlak"}
        ``mundlak`` is random effects with the entity means of the regressors; its slopes are the within slopes.
        ``first-difference`` has no intercept, even if the formula names one, so that no common trend is taken out; for
        one add the number of the period to the formula: its change, one a period, is the intercept of the changes (and
        of R's ``plm``).
    cluster : str or sequence of str, optional
        One or two columns; the entity by default. An empty sequence gives heteroskedasticity-robust errors.
    by : str, optional
        Groups with their own slopes, effects and sample.
    se_type : {"stata", "hc0", "hc1", "linearmodels", "classical", "driscoll-kraay"}
        Small-sample convention; ``stata`` is plm's ``sss``. The factor is shown by ``glance()``.
    bandwidth : int, optional
        Lags of the Driscoll–Kraay kernel; ⌊T^(1/4)⌋ by default.
    freq : str, optional
        Length of a period for dates (``"M"``, ``"W"`` …); read off the dates by default.
    singletons : {"keep", "drop"}
        Entities with a single row are kept and counted, as Stata's ``xtreg`` and plm do, or dropped and counted.
    engine : {"auto", "linearmodels", "streaming"}
        Streaming sums over users give the same numbers for entity and two-way effects; "auto" takes them above a
        million rows where they apply and linearmodels otherwise. ``glance()`` names the engine.

    Returns
    -------
    PanelFit
        With ``tidy()``, ``glance()``, ``dropped`` and ``not_estimable``.

    Raises
    ------
    PanelError
        A subclass says what was found, what was expected and what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import panel
    >>> log = pd.DataFrame({"user": [1, 1, 2, 2, 3, 3], "week": [1, 2] * 3, "x": [0, 1, 0, 3, 0, 2]})
    >>> log["y"] = [1.0, 2.1, 5.0, 7.9, 3.0, 5.2]
    >>> panel.fit("y ~ x", log, entity="user", time="week", effects="entity").tidy()["est"].round(3).tolist()
    [1.014]
    """
    check_option("engine", engine, get_args(Engine))
    spec = make_spec(formula, entity, time, effects, cluster, by, se_type, bandwidth, freq, singletons)
    parsed = check_formula(formula, data)
    ledger = Ledger()
    rows = keyed(data, entity, time, by, spec.cluster, ledger)
    periods = period_numbers(rows[time], freq)
    groups: list[GroupFit] = []
    samples: dict[str, Sample] = {}
    failed: dict[str, Remark] = {}
    options: dict[str, Any] = {"clusters": spec.cluster, "by": by, "singletons": singletons, "ledger": ledger}
    for name, part in _parts(rows, entity, by, periods):
        keys: dict[str, Any] = {"entity": entity, "time": time, "periods": periods.take(part), "group": name}
        try:
            samples[name] = complete_rows(parsed, rows.iloc[part], **keys, **options)
        except NotEstimableError as error:
            if by is None:
                raise
            failed[name] = remark("not_estimable_because", why=error.remark)
    references = common_references(parsed, {name: (s.columns, s.rows) for name, s in samples.items()})
    intercept = effects in ("pooled", "between", "random", "mundlak")
    for name, sample in samples.items():
        try:
            design = sample.design(intercept, references=references)
            check_sample(design, effects, time, entity)
            result, shares, note = _estimate(design, spec, engine, len(rows))
        except NotEstimableError as error:
            if by is None:
                raise
            failed[name] = remark("not_estimable_because", why=error.remark)
            continue
        size = design.n_entity, design.n_time
        groups.append(GroupFit(name, result, design, *size, design.time_unit, note=note, contributions=shares))
    if not groups:
        raise no_group(failed)
    if by is not None:
        shared = rows.groupby(entity)[by].nunique()
        several = shared.index[shared > 1]
        rule = remark("several_groups", entity=entity, by=by, n=len(several))
        ledger.add("all", rule, int((rows[entity].isin(several) & rows[by].notna()).sum()), "kept")
    return PanelFit(spec, tuple(groups), failed, ledger)


def _parts(rows: pd.DataFrame, entity: str, by: str | None, periods: Periods) -> list[tuple[str, IntArray]]:
    """Positions of each group's rows, with its entities' rows of no group, in which lags can be looked up."""
    if by is None:
        return [("all", np.arange(len(rows)))]
    unit = pd.factorize(rows[entity])[0]
    alone = ~pd.DataFrame({"unit": unit, "period": periods.number}).duplicated(keep=False).to_numpy()
    nowhere = np.flatnonzero(rows[by].isna().to_numpy() & alone)
    grouped = rows.reset_index(drop=True).groupby(by, observed=True).groups.items()
    parts = []
    for name, own in grouped:
        of_these = nowhere[np.isin(unit[nowhere], unit[own])]
        parts.append((str(name), np.sort(np.append(own, of_these)).astype(np.int64)))
    return parts


def _estimate(
    design: Design, spec: Spec, engine: str, n_rows: int
) -> tuple[Estimate, tuple[np.ndarray, FloatArray] | None, str]:
    """Return the estimate, its clusters' contributions if streamed and, where a large sample was not, the reason."""
    note = ""
    if engine == "streaming" or (engine == "auto" and n_rows >= STREAM_ROWS):
        try:
            return *estimate_design(design, spec.effects, spec.se_type), note
        except NotStreamableError as error:
            if engine == "streaming":
                raise
            note = f"linearmodels, because {error}"
    return estimate(design, spec.effects, spec.se_type, spec.bandwidth), None, note


def make_spec(
    formula: str,
    entity: str,
    time: str,
    effects: Effects,
    cluster: str | Sequence[str] | None,
    by: str | None,
    se_type: Errors,
    bandwidth: int | None,
    freq: str | None,
    singletons: Singletons,
) -> Spec:
    """Check the options before anything is computed."""
    check_option("effects", effects, EFFECTS)
    check_option("se_type", se_type, CONVENTIONS)
    check_option("singletons", singletons, get_args(Singletons))
    names = (entity,) if cluster is None else (cluster,) if isinstance(cluster, str) else tuple(cluster)
    if len(names) > 2:
        raise OptionError(f"cluster: one or two columns, not {len(names)} ({', '.join(names)})")
    if bandwidth is not None and bandwidth < 0:
        raise OptionError(f"bandwidth={bandwidth!r}: expected 0 or more lags of the Driscoll–Kraay kernel")
    if bandwidth is not None and se_type != "driscoll-kraay":
        raise OptionError(f"bandwidth={bandwidth!r} is for se_type='driscoll-kraay', not for {se_type!r}; leave it out")
    if entity == time:
        raise OptionError(f"entity and time are both {entity!r}; they must be two columns")
    if by is not None and by in (entity, time):
        raise OptionError(f"by={by!r} is the {'entity' if by == entity else 'time'} column; name a column of groups")
    return Spec(formula, entity, time, effects, names, by, se_type, bandwidth, freq, singletons)
