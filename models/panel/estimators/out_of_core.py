"""The same model on rows that never sit in memory together."""

from __future__ import annotations

from collections.abc import Sequence

import ibis

from models.panel.engine.calendars import FREQUENCIES
from models.panel.engine.ledger import Ledger
from models.panel.engine.results import GroupFit, PanelFit, Spec
from models.panel.errors import no_group
from models.panel.estimators.estimation import fit, make_spec
from models.panel.language.formula import name_of, no_regressors, read
from models.panel.options import Effects, Errors
from models.panel.streaming.blocks import NotStreamableError, Pieces, Reader, frame_of
from models.panel.streaming.in_engine import in_engine
from models.panel.streaming.two_passes import Streamed, ahead, check_streams, two_passes
from models.remarks import Remark, remark


def fit_stream(
    formula: str,
    data: Pieces | ibis.Table,
    *,
    entity: str,
    time: str,
    effects: Effects = "twoway",
    cluster: str | Sequence[str] | None = None,
    by: str | None = None,
    se_type: Errors = "stata",
    freq: str | None = None,
    fallback: bool = True,
) -> PanelFit:
    """Estimate fixed effects from pieces of rows sorted by entity, in two passes, or inside the engine of a table.

    Exact for entity and two-way effects, unbalanced panels included, with errors clustered by the entity or by groups
    of entities. Where the model or the data do not allow it, the rows are read into memory and ``fit`` takes over; the
    engine and the reason are in ``glance()``.

    Parameters
    ----------
    formula : str
        Columns and products of columns: ``"y ~ a + b + a:b"``.
    data : callable or ibis.Table
        A callable is called twice; each time it returns an iterable over the same Arrow record batches, data frames or
        mappings of arrays, sorted by entity. Entities may straddle pieces. The rows of an Ibis table, in any order,
        stay in its engine (DuckDB, Spark …), which gets the same sums as expressions.
    entity, time, effects, cluster, by, se_type, freq : str, optional
        As in ``fit``.
    fallback : bool
        False raises NotStreamableError instead of reading all rows.

    Returns
    -------
    PanelFit
        The same numbers as from ``fit``; it holds no rows, so that what needs residuals is refused.

    Raises
    ------
    PanelError
        As `fit` raises them.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> pieces = [log.iloc[:50], log.iloc[50:]]
    >>> fitted = panel.fit_stream("y ~ x", lambda: pieces, entity="user", time="week")
    >>> fitted.tidy()[["term", "est", "nobs"]].round(2)
      term  est  nobs
    0    x  0.5   120
    """
    spec = make_spec(formula, entity, time, effects, cluster, by, se_type, None, freq, "keep")
    try:
        check_streams(effects, se_type, len(spec.cluster))
        variables = plain_variables(formula)
        results, labels = _estimated(spec, data, variables)
    except NotStreamableError as error:
        if not fallback:
            raise
        options = {"entity": entity, "time": time, "effects": effects, "cluster": cluster, "by": by}
        frame = data.execute() if isinstance(data, ibis.Table) else frame_of(data())
        result = fit(formula, frame, se_type=se_type, freq=freq, **options)  # type: ignore[arg-type]
        return result.annotated(f"read into memory, because {error}")
    ledger = Ledger()
    groups: list[GroupFit] = []
    failed: dict[str, Remark] = {}
    for r in results:
        name = labels[r.code]
        _record(ledger, name, variables, entity, r)
        if r.estimate is None:
            failed[name] = remark("not_estimable_because", why=r.reason)
        else:
            unit = FREQUENCIES.get((freq or "step").split("-")[0], freq or "step")
            size = r.sums.n_entity, r.sums.n_time
            groups.append(GroupFit(name, r.estimate, None, *size, unit, contributions=r.contributions))
    if not groups:
        raise no_group(failed)
    groups.sort(key=lambda g: g.group)
    return PanelFit(spec, tuple(groups), failed, ledger)


def _estimated(
    spec: Spec, data: Pieces | ibis.Table, variables: tuple[str, ...]
) -> tuple[list[Streamed], dict[int, str]]:
    """Each group's estimate and the labels of the groups."""
    keys = {"entity": spec.entity, "time": spec.time, "by": spec.by, "cluster": spec.cluster[0]}
    if isinstance(data, ibis.Table):
        return in_engine(data, variables, effects=spec.effects, se_type=spec.se_type, freq=spec.freq, **keys)  # type: ignore[arg-type]
    reader = Reader(variables=variables, freq=spec.freq, **keys)  # type: ignore[arg-type]
    nested = spec.cluster[0] == spec.entity
    results = two_passes(lambda: reader(ahead(data())), variables[1:], spec.effects, spec.se_type, nested)
    return results, {r.code: reader.group_label(r.code) for r in results}


def plain_variables(formula: str) -> tuple[str, ...]:
    """Return the outcome and the regressors of a formula of columns and products of columns."""
    parsed = read(formula)
    if not parsed.terms:
        raise no_regressors(parsed)
    for factor in (parsed.outcome, *parsed.factors):
        if factor.head != "name" or ":" in factor.name:
            raise NotStreamableError(remark("not_a_column", term=factor.name))
    return (parsed.outcome.name, *map(name_of, parsed.terms))


def _record(ledger: Ledger, group: str, variables: tuple[str, ...], entity: str, r: Streamed) -> None:
    for name, rows in zip(variables, r.sums.missing, strict=False):
        ledger.add(group, remark("missing_value", name=name), int(rows))
    ledger.add(group, remark("singletons", entity=entity), int(r.sums.missing[-1]), "kept")
