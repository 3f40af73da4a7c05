"""Fixed effects with clustered errors in two passes over blocks of whole users, exact for unbalanced panels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar, get_args

import numpy as np

from models.panel.engine.conventions import CONVENTIONS, cluster_factor
from models.panel.engine.design import Design, FloatArray
from models.panel.engine.keys import IntArray
from models.panel.engine.reference import Estimate
from models.panel.errors import DuplicateKeyError, NotEstimableError, PanelError, effects_said
from models.panel.options import ClusteredErrors
from models.panel.streaming.blocks import Block, NotStreamableError
from models.panel.streaming.kernels import accumulate, cluster_scores
from models.panel.streaming.sums import Solution, Sums, solve
from models.remarks import Remark, remark

__all__ = ["NotStreamableError", "Streamed", "check_streams", "estimate_design", "two_passes"]

MAX_PERIODS = 1000
EFFECTS = ("twoway", "entity")
SE_TYPES = get_args(ClusteredErrors)

Blocks = Callable[[], Iterable[Block]]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Streamed:
    """One group's result: its code, its estimate or the reason why there is none, its sums.

    ``contributions``, unless clusters are entities: labels (G,) and scores times bread (G, k) of the clusters.
    """

    code: int
    estimate: Estimate | None
    reason: Remark | None
    sums: Sums
    contributions: tuple[IntArray, FloatArray] | None


def check_streams(effects: str, se_type: str, n_cluster_columns: int) -> None:
    """Raise NotStreamableError, with the reason, for a model that per-user sums cannot give."""
    if effects not in EFFECTS:
        raise NotStreamableError(remark("effects_do_not_stream", effects=effects_said(effects)))
    if se_type not in SE_TYPES:
        raise NotStreamableError(remark("errors_do_not_stream", errors=se_type, streamed=list(SE_TYPES)))
    if n_cluster_columns != 1:
        raise NotStreamableError(remark("one_streamed_cluster"))


def estimate_design(design: Design, effects: str, se_type: str) -> tuple[Estimate, tuple[np.ndarray, FloatArray]]:
    """Stream over a sample in memory; return the estimate, clusters' labels (G,) and scores times bread (G, k)."""
    check_streams(effects, se_type, design.clusters.shape[1])
    starts = np.append(np.flatnonzero(np.diff(design.entity, prepend=-1)), design.nobs)
    cluster = design.clusters[starts[:-1], 0]
    if (cluster[design.entity] != design.clusters[:, 0]).any():
        raise NotStreamableError(remark("cluster_changes"))
    unit = np.arange(len(starts) - 1)
    z = np.vstack([design.y, design.x.T])
    block = Block(z, starts, design.time, unit, np.zeros_like(unit), cluster)
    result = two_passes(lambda: [block], design.names, effects, se_type, cluster_is_entity=False)[0]
    if result.reason is not None:
        raise NotEstimableError(result.reason)
    assert result.estimate is not None
    assert result.contributions is not None
    codes, shares = result.contributions
    return result.estimate, (np.asarray(design.cluster_labels[0]).astype(str)[codes], shares)


def two_passes(
    blocks: Blocks, names: tuple[str, ...], effects: str, se_type: str, cluster_is_entity: bool
) -> list[Streamed]:
    """Take sums over users and slopes in a first pass, cluster scores in a second.

    ``blocks`` is called twice and must yield the same blocks. Each user's rows are of one group and one cluster.
    """
    first, sums = _sums(blocks, len(names) + 1, effects == "twoway")
    solutions, reasons = solutions_of(sums, names, effects)
    meats, clusters, scores = _meats(blocks, solutions, sums, first, cluster_is_entity)
    engine = "streaming (sums over users, two passes)"
    return estimates(sums, solutions, reasons, meats, clusters, scores, names, se_type, engine)


def solutions_of(sums: Sums, names: tuple[str, ...], effects: str) -> tuple[dict[int, Solution], dict[int, Remark]]:
    """Slopes of every group that has rows, or the reason why there are none."""
    solutions: dict[int, Solution] = {}
    reasons: dict[int, Remark] = {}
    for g in range(len(sums.rows)):
        own = sums.of(g)
        try:
            if own.nobs == 0:
                continue
            _check_group(own)
            solutions[g] = solve(own, names, effects)
        except NotEstimableError as error:
            reasons[g] = error.remark
    return solutions, reasons


def estimates(
    sums: Sums,
    solutions: dict[int, Solution],
    reasons: dict[int, Remark],
    meats: dict[int, FloatArray],
    clusters: dict[int, int],
    scores: dict[int, tuple[IntArray, FloatArray]],
    names: tuple[str, ...],
    se_type: str,
    engine: str,
) -> list[Streamed]:
    """Each group's estimate from its sums, its slopes and the products of its cluster scores."""
    results = []
    for g in range(len(sums.rows)):
        own, solution = sums.of(g), solutions.get(g)
        if solution is None:
            reason = reasons.get(g, remark("no_complete_rows") if own.missing.any() else None)
            if reason:
                results.append(Streamed(g, None, reason, own, None))
            continue
        if clusters[g] < 2:
            results.append(Streamed(g, None, remark("one_cluster"), own, None))
            continue
        lost = [n for n, v in zip(names, np.diag(solution.bread @ meats[g] @ solution.bread), strict=True) if not v > 0]
        if lost:
            reason = remark("few_clusters_variance", terms=lost)
            results.append(Streamed(g, None, reason, own, None))
            continue
        factor = cluster_factor(se_type, own.nobs, len(names), clusters[g])
        estimate = Estimate(
            params=solution.slopes,
            cov=factor * solution.bread @ meats[g] @ solution.bread,
            names=names,
            df={"stata": clusters[g] - 1.0, "hc0": float("inf"), "hc1": float(own.nobs - len(names))}[se_type],
            nobs=own.nobs,
            n_clusters=(clusters[g],),
            factor=factor,
            factor_formula=CONVENTIONS[se_type].formula,
            r2_within=solution.r2[0],
            r2_between=solution.r2[1],
            r2_overall=solution.r2[2],
            engine=engine,
            transformed=None,
            u=None,
        )
        shared = None
        if g in scores:
            shared = scores[g][0], np.sqrt(factor) * scores[g][1] @ solution.bread
        results.append(Streamed(g, estimate, None, own, shared))
    return results


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield the items, each prepared in a second thread while the one before is worked on."""
    iterator = iter(items)
    with ThreadPoolExecutor(1) as worker:
        future = worker.submit(next, iterator, None)
        while (item := future.result()) is not None:
            future = worker.submit(next, iterator, None)
            yield item


def _sums(blocks: Blocks, p: int, twoway: bool) -> tuple[int, Sums]:
    """Return the number of the first period and the sums of all groups."""
    first, sums = 0, None
    for block in ahead(blocks()):
        low, high = int(block.period.min()), int(block.period.max())
        n_group = int(block.group.max()) + 1
        start, stop = (low, high) if sums is None else (min(low, first), max(high, first + sums.rows.shape[1] - 1))
        if twoway and stop - start >= MAX_PERIODS:
            raise NotStreamableError(remark("many_periods_stream", most=MAX_PERIODS))
        if sums is None:
            first, sums = low, Sums.empty(p, n_group, high - low + 1, twoway)
        before, after = first - start, stop - first - sums.rows.shape[1] + 1
        if before or after or n_group > len(sums.rows):
            sums, first = sums.widened(max(n_group, len(sums.rows)), before, after), first - before
        place = accumulate(
            block.z,
            block.starts,
            block.period - first,
            block.group,
            sums.within,
            sums.means,
            sums.raw,
            sums.by_period,
            sums.overlap,
            sums.rows,
            sums.missing,
        )
        if place >= 0:
            user = block.unit[np.searchsorted(block.starts, place, side="right") - 1]
            raise DuplicateKeyError(
                f"entity number {user} has two rows in period {block.period[place]}; "
                "expected one row per entity and period: sum or average them first"
            )
    if sums is None:
        raise NotEstimableError(remark("blocks_without_rows"))
    return first, sums


def _check_group(sums: Sums) -> None:
    if sums.n_time < 2:
        raise NotEstimableError(remark("complete_rows_one_period"))
    if sums.n_entity < 2:
        raise NotEstimableError(remark("complete_rows_one_entity"))
    if sums.nobs == sums.n_entity:
        raise NotEstimableError(remark("complete_rows_single"))


def _meats(
    blocks: Blocks, solutions: dict[int, Solution], sums: Sums, first: int, cluster_is_entity: bool
) -> tuple[dict[int, FloatArray], dict[int, int], dict[int, tuple[IntArray, FloatArray]]]:
    """Products of cluster scores, numbers of clusters and, unless clusters are users, the scores by cluster."""
    if not solutions:
        return {}, {}, {}
    k = sums.within.shape[1] - 1
    slopes = np.zeros((len(sums.rows), k))
    effects = np.zeros((len(sums.rows), sums.overlap.shape[1], k + 1))
    for g, solution in solutions.items():
        slopes[g], effects[g] = solution.slopes, solution.period_effects
    meats = {g: np.zeros((k, k)) for g in solutions}
    totals: dict[int, tuple[IntArray, FloatArray]] = {
        g: (np.empty(0, dtype=np.int64), np.empty((0, k))) for g in solutions
    }
    rows = 0
    for block in ahead(blocks()):
        scores, sizes = np.zeros((len(block.unit), k)), np.zeros(len(block.unit), dtype=np.int64)
        cluster_scores(block.z, block.starts, block.period - first, block.group, slopes, effects, scores, sizes)
        rows += int(sizes.sum())
        for g in solutions:
            mine = (block.group == g) & (sizes > 0)
            if cluster_is_entity:
                meats[g] += scores[mine].T @ scores[mine]
            else:
                totals[g] = _add_scores(totals[g], block.cluster[mine], scores[mine])
    if rows != sum(sums.of(g).nobs for g in range(len(sums.rows))):
        raise PanelError("the blocks changed between the two passes; the callable must yield the same rows each time")
    if cluster_is_entity:
        return meats, {g: sums.of(g).n_entity for g in solutions}, {}
    return {g: s.T @ s for g, (_, s) in totals.items()}, {g: len(c) for g, (c, _) in totals.items()}, totals


def _add_scores(
    total: tuple[IntArray, FloatArray], cluster: IntArray, scores: FloatArray
) -> tuple[IntArray, FloatArray]:
    labels, place = np.unique(np.concatenate([total[0], cluster]), return_inverse=True)
    stacked = np.vstack([total[1], scores])
    return labels, np.column_stack([np.bincount(place, c, minlength=len(labels)) for c in stacked.T])
