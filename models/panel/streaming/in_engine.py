"""Fixed effects with clustered errors as Ibis expressions: the rows stay in DuckDB, Spark or another database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, mul

import ibis
import numpy as np
import pandas as pd

from models.panel.engine.design import FloatArray
from models.panel.engine.keys import IntArray, period_numbers
from models.panel.errors import DuplicateKeyError, InfiniteValueError, NotEstimableError, check_columns
from models.panel.streaming.blocks import NotStreamableError
from models.panel.streaming.sums import Solution, Sums, symmetric
from models.panel.streaming.two_passes import MAX_PERIODS, Streamed, estimates, solutions_of
from models.remarks import remark


@dataclass(frozen=True)
class _Panel:
    """The panel as expressions and its extent.

    ``rows`` are complete rows: ``entity``, ``time``, ``group``, ``cluster``, the entity's number ``n`` of them, values
    ``v0 …`` of outcome and regressors and their deviations ``d0 …`` from the entity's means.
    """

    rows: ibis.Table
    groups: list[str]
    times: list[int]
    p: int

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.groups), len(self.times)

    def places(self, found: pd.DataFrame, time: str = "time") -> tuple[IntArray, IntArray]:
        """Codes of the groups and periods of an aggregate's rows."""
        return pd.Index(self.groups).get_indexer(found["group"]), pd.Index(self.times).get_indexer(found[time])


def in_engine(
    table: ibis.Table,
    variables: tuple[str, ...],
    *,
    entity: str,
    time: str,
    effects: str,
    cluster: str,
    by: str | None,
    se_type: str,
    freq: str | None = None,
) -> tuple[list[Streamed], dict[int, str]]:
    """Return the streaming estimator in the table's own engine, and the labels of the groups.

    The algebra of `sums.solve`; only sums by group and period, and scores by cluster where clusters hold several
    entities, leave the engine.

    Raises
    ------
    NotStreamableError, DuplicateKeyError, InfiniteValueError, NotEstimableError
        As `out_of_core.fit_stream`.
    """
    keys = _keys(table, variables, entity, time, cluster, by)
    missing = _census(keys, variables)
    with _held(_users(keys, len(variables))) as users:
        _check_users(users, entity)
        _check_times(keys, time, freq)
        sums, panel = _sums(keys, users, missing, effects == "twoway")
        solutions, reasons = solutions_of(sums, variables[1:], effects)
        found = _scores(panel, solutions, cluster == entity) if solutions else ({}, {}, {})
    engine = f"inside {table.get_backend().name} (Ibis, sums over users)"
    return estimates(sums, solutions, reasons, *found, variables[1:], se_type, engine), dict(enumerate(panel.groups))


@contextmanager
def _held(table: ibis.Table) -> Iterator[ibis.Table]:
    """Return the rows of an expression, kept by its engine while they are needed."""
    engine = table.get_backend()
    if engine.name != "duckdb":
        with table.cache() as kept:
            yield kept
        return
    name = ibis.util.gen_name("held")
    try:
        yield engine.create_table(name, table, temp=True)
    finally:
        engine.raw_sql(f"DROP TABLE {name}")  # Ibis 12 writes a DROP for cached tables that DuckDB cannot read


def _keys(
    table: ibis.Table, variables: tuple[str, ...], entity: str, time: str, cluster: str, by: str | None
) -> ibis.Table:
    """Return the columns of the model under names of their own, blanks as NULL."""
    factors = {name for v in variables for name in v.split(":")}
    roles = [("entity", entity), ("time", time), ("cluster", cluster), *([("by", by)] if by else [])]
    check_columns(table.columns, [*roles, *(("variable", name) for name in sorted(factors))])
    if not table[time].type().is_integer():
        raise NotStreamableError(remark("not_whole_times", time=time, type=str(table[time].type())))
    for name in sorted(factors):
        if not (table[name].type().is_numeric() or table[name].type().is_boolean()):
            raise NotStreamableError(remark("not_numbers", name=name, type=str(table[name].type())))
    values = {
        f"v{j}": reduce(mul, (table[name].cast("float64") for name in v.split(":"))) for j, v in enumerate(variables)
    }
    keys = table.select(
        entity=table[entity],
        time=table[time].cast("int64"),
        cluster=table[cluster],
        group=table[by].cast("string") if by else ibis.literal("all"),
        **{name: v.isnan().ifelse(ibis.null("float64"), v) for name, v in values.items()},
    )
    return keys.mutate(full=reduce(and_, (keys[name].notnull() for name in values)))


def _users(keys: ibis.Table, p: int) -> ibis.Table:
    """One row an entity; what should be one group, one cluster and no period twice can be checked."""
    return keys.group_by("entity").agg(
        all_rows=keys.count(),
        periods=keys.time.nunique(),
        group=keys.group.min(),
        last_group=keys.group.max(),
        cluster=keys.cluster.min(),
        last_cluster=keys.cluster.max(),
        n=keys.count(where=keys.full).cast("float64"),
        **{f"m{j}": keys[f"v{j}"].mean(where=keys.full) for j in range(p)},
    )


def _sums(keys: ibis.Table, users: ibis.Table, missing: pd.DataFrame, twoway: bool) -> tuple[Sums, _Panel]:
    p = len(missing.columns) - 1
    rows = keys.filter(keys.full).join(users.select("entity", "n", *(f"m{j}" for j in range(p))), "entity")
    rows = rows.mutate(**{f"d{j}": rows[f"v{j}"] - rows[f"m{j}"] for j in range(p)})
    cells = rows.group_by("group", "time").agg(rows=rows.count(), **_products(rows, "v", p), **_products(rows, "d", p))
    cells = cells.order_by("group", "time").execute()
    if len(cells) == 0:
        raise NotEstimableError(remark("no_complete_rows"))
    panel = _Panel(rows, sorted(missing.index), sorted(cells["time"].unique()), p)
    if twoway and len(panel.times) > MAX_PERIODS:
        raise NotStreamableError(remark("many_periods_engine", most=MAX_PERIODS))
    sums = Sums.empty(p, *panel.shape, twoway)
    g, t = panel.places(cells)
    sums.rows[g, t] = cells["rows"]
    sums.missing[:] = missing.loc[panel.groups]
    np.add.at(sums.raw, g, _bordered(cells, "v", p, "rows"))
    np.add.at(sums.within, g, _bordered(cells, "d", p, "rows")[:, :p, :p])
    seen = users.filter(users.n > 0)
    means = seen.group_by("group").agg(
        users=seen.count(), single=seen.count(where=seen.n == 1), **_products(seen, "m", p)
    )
    means = means.order_by("group").execute()
    own = pd.Index(panel.groups).get_indexer(means["group"])
    sums.means[own] = _bordered(means, "m", p, "users")
    sums.missing[own, p] = means["single"]
    if twoway:
        sums.by_period[g, t] = cells[[f"d{j}" for j in range(p)]]
        _overlap(panel, sums)
    return sums, panel


def _census(keys: ibis.Table, variables: tuple[str, ...]) -> pd.DataFrame:
    """Rows lost by group and variable, each counted at its first blank; blank keys and infinite values are errors."""
    p = len(variables)
    blank = [keys[f"v{j}"].isnull() for j in range(p)]
    first = {f"lost{j}": keys.count(where=reduce(and_, (~b for b in blank[:j]), blank[j])) for j in range(p)}
    # the isinf of Ibis 12 finds nothing on Spark
    infinite = {f"inf{j}": keys.count(where=(keys[f"v{j}"] - keys[f"v{j}"]).isnan()) for j in range(p)}
    keyless = {name: keys.count(where=keys[name].isnull()) for name in ("entity", "time", "cluster", "group")}
    found = keys.group_by("group").agg(**first, **infinite, **{f"no_{k}": v for k, v in keyless.items()}).execute()
    for name in keyless:
        if found[f"no_{name}"].sum():
            raise NotStreamableError(remark("has_missing_rows", name=name, n=int(found[f"no_{name}"].sum())))
    for j, name in enumerate(variables):
        if count := found[f"inf{j}"].sum():
            raise InfiniteValueError(remark("infinite_rows", name=name, n=int(count)))
    if len(found) == 0:
        raise NotEstimableError(remark("table_without_rows"))
    return found.set_index("group")[[f"lost{j}" for j in range(p)]].assign(single=0)


def _check_users(users: ibis.Table, entity: str) -> None:
    counts = users.agg(
        twice=users.count(where=users.all_rows > users.periods),
        groups=users.count(where=users.group != users.last_group),
        clusters=users.count(where=users.cluster != users.last_cluster),
    )
    twice, groups, clusters = (int(n) for n in counts.execute().iloc[0])
    if twice:
        raise DuplicateKeyError(
            f"{twice} entities ({entity}) have two rows in a period; "
            "expected one row per entity and period: sum or average them first"
        )
    for count, what in ((groups, "group"), (clusters, "cluster")):
        if count:
            raise NotStreamableError(remark("changes_within", what=what, entity=entity, n=int(count)))


def _check_times(keys: ibis.Table, time: str, freq: str | None) -> None:
    """Whole numbers must be periods, one each: the engine tells periods apart and never counts from one to another."""
    times = keys.select("time").distinct().execute()["time"].rename(time)
    if len(np.unique(period_numbers(times, freq).number)) < len(times):
        raise NotStreamableError(remark("shared_period", time=time))


def _products(table: ibis.Table, letter: str, p: int) -> dict[str, ibis.Value]:
    """Return the sums of p columns and of their products, lower triangle."""
    columns = [table[f"{letter}{j}"] for j in range(p)]
    totals = {f"{letter}{j}": columns[j].sum() for j in range(p)}
    return totals | {f"{letter}{j}_{h}": (columns[j] * columns[h]).sum() for j in range(p) for h in range(j + 1)}


def _bordered(found: pd.DataFrame, letter: str, p: int, count: str) -> FloatArray:
    """Products (rows, p + 1, p + 1), lower triangle, bordered by sums and the count."""
    out = np.zeros((len(found), p + 1, p + 1))
    for j in range(p):
        out[:, p, j] = found[f"{letter}{j}"]
        for h in range(j + 1):
            out[:, j, h] = found[f"{letter}{j}_{h}"]
    out[:, p, p] = found[count]
    return out


def _overlap(panel: _Panel, sums: Sums) -> None:
    r"""Products of the period dummies' deviations: :math:`\sum_i d_i d_i' - d_i d_i' / n_i`."""
    one = panel.rows.select("entity", "group", "time", share=1 / panel.rows.n)
    other = panel.rows.select("entity", later="time").view()
    pairs = one.join(other, ["entity", one.time <= other.later])
    shares = pairs.group_by("group", "time", "later").agg(share=pairs.share.sum()).execute()
    shares = shares.sort_values(["group", "time", "later"])
    g, t = panel.places(shares)
    _, later = panel.places(shares, "later")
    sums.overlap[g, later, t] -= shares["share"]
    every = np.arange(panel.shape[1])
    sums.overlap[:, every, every] += sums.rows


def _scores(
    panel: _Panel, solutions: dict[int, Solution], cluster_is_entity: bool
) -> tuple[dict[int, FloatArray], dict[int, int], dict[int, tuple[IntArray, FloatArray]]]:
    """Products of cluster scores, numbers of clusters and, unless clusters are users, the scores by cluster."""
    k = panel.p - 1
    rows = panel.rows.join(ibis.memtable(_effects(panel, solutions)), ["group", "time"])
    residual = reduce(add, (-rows[f"b{j}"] * rows[f"d{j + 1}"] for j in range(k)), rows.d0) - rows.e0
    rows = rows.mutate(u=residual, **{f"x{j}": rows[f"d{j + 1}"] - rows[f"e{j + 1}"] for j in range(k)})
    x = [rows[f"x{j}"] for j in range(k)]
    own = {f"s{j}": (x[j] * rows.u).sum() - x[j].sum() * rows.u.sum() / rows.count() for j in range(k)}
    scores = rows.group_by("entity", "group", "cluster").agg(**own)
    if not cluster_is_entity:
        scores = scores.group_by("group", "cluster").agg(**{s: scores[s].sum() for s in own})
    found = scores.group_by("group").agg(clusters=scores.count(), **_products(scores, "s", k)).execute()
    code = pd.Index(panel.groups).get_indexer(found["group"])
    meats = _bordered(found, "s", k, "clusters")[:, :k, :k]
    products = {int(g): symmetric(meat) for g, meat in zip(code, meats, strict=True)}
    clusters = {int(g): int(n) for g, n in zip(code, found["clusters"], strict=True)}
    if cluster_is_entity:
        return products, clusters, {}
    every = scores.order_by("group", "cluster").execute()
    labels, _ = pd.factorize(every["cluster"])
    mine = {g: every["group"].eq(panel.groups[g]).to_numpy() for g in products}
    return products, clusters, {g: (labels[m], every.loc[m, list(own)].to_numpy()) for g, m in mine.items()}


def _effects(panel: _Panel, solutions: dict[int, Solution]) -> pd.DataFrame:
    """Slopes ``b0 …`` and period effects ``e0 …`` by group and period, for the groups that have a solution."""
    parts = []
    for g, solution in solutions.items():
        effects = solution.period_effects if len(solution.period_effects) else np.zeros((panel.shape[1], panel.p))
        part = pd.DataFrame(effects, columns=[f"e{j}" for j in range(panel.p)])
        slopes = {f"b{j}": slope for j, slope in enumerate(solution.slopes)}
        parts.append(part.assign(group=panel.groups[g], time=np.asarray(panel.times, dtype=np.int64), **slopes))
    return pd.concat(parts, ignore_index=True)
