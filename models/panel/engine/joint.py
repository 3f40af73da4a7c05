"""The joint covariance of estimates that were made apart: what shared clusters or shared periods contribute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.panel.engine.conventions import cluster_factor, cluster_sums
from models.panel.engine.design import FloatArray
from models.panel.engine.results import GroupFit, Spec


def joint_covariance(members: Sequence[GroupFit], spec: Spec) -> list[list[FloatArray]]:
    r"""Blocks (g, g) of the covariance of all slopes of ``members``, which share one convention of errors.

    Where a cluster has rows in two of them their block is :math:`B_g (\sum_c s_{gc} s_{hc}') B_h` with cluster scores s
    and bread B, scaled by the root of both factors; on the diagonal stand the covariances of the single estimates.
    Driscoll–Kraay blocks are those of the stacked scores of each period, with one bandwidth, the longest, for all. With
    classical errors, which know no clusters, estimates made apart are independent.
    """
    if spec.se_type == "driscoll-kraay":
        return driscoll_kraay(members, spec.bandwidth)
    blocks = [[np.zeros((len(g.estimate.params), len(h.estimate.params))) for h in members] for g in members]
    terms = [[] if spec.se_type == "classical" else contributions(g, spec.se_type) for g in members]
    for i, g in enumerate(members):
        blocks[i][i] = g.estimate.cov
        for j in range(i):
            for (sign, labels, own), (_, other_labels, other) in zip(terms[i], terms[j], strict=True):
                _, place, other_place = np.intersect1d(labels, other_labels, return_indices=True)
                blocks[i][j] += sign * own[place].T @ other[other_place]
            blocks[j][i] = blocks[i][j].T
    return blocks


def contributions(fitted: GroupFit, se_type: str) -> list[tuple[int, np.ndarray, FloatArray]]:
    """For each term of the clustered covariance its sign, labels (G,) and contributions (G, k), to be multiplied up.

    None for entities that were streamed from pieces: each is in one group, so that groups share no cluster.
    """
    if fitted.contributions is not None:
        return [(1, *fitted.contributions)]
    e, design = fitted.estimate, fitted.design
    if design is None or e.transformed is None or e.u is None:
        return []
    bread = np.linalg.inv(e.transformed.x.T @ e.transformed.x)
    scores = e.transformed.x * e.u[:, None]
    columns = zip(e.transformed.clusters.T, design.cluster_labels, strict=True)
    text = [np.asarray(labels).astype(str)[codes] for codes, labels in columns]
    if len(text) == 2:
        text.append(np.char.add(np.char.add(text[0], "|"), text[1]))
    found = []
    for place, values in enumerate(text):
        labels, codes = np.unique(values, return_inverse=True)
        factor = cluster_factor(se_type, e.nobs, len(e.params), len(labels))
        own = np.sqrt(factor) * cluster_sums(scores, codes, len(labels)) @ bread
        found.append((-1 if place == 2 else 1, labels, own))
    return found


def driscoll_kraay(members: Sequence[GroupFit], bandwidth: int | None) -> list[list[FloatArray]]:
    r"""Blocks :math:`B_g (\sum_{t,s} w_{|t-s|} s_{gt} s_{hs}') B_h`, scores summed by period, Bartlett weights w.

    Driscoll & Kraay (1998), doi:10.1162/003465398557825. Periods are those of any member.
    """
    width = max(int(g.n_time**0.25) if bandwidth is None else bandwidth for g in members)
    designs = [g.design for g in members if g.design is not None]
    periods = np.unique(np.concatenate([np.unique(d.period) for d in designs]))
    distance = np.abs(np.subtract.outer(np.arange(len(periods)), np.arange(len(periods))))
    weights = np.maximum(0.0, 1 - distance / (width + 1))
    scores = []
    for g in members:
        design, transformed, u = g.design, g.estimate.transformed, g.estimate.u
        assert design is not None
        assert transformed is not None
        assert u is not None
        codes = np.searchsorted(periods, design.period[transformed.rows])
        sums = cluster_sums(transformed.x * u[:, None], codes, len(periods))
        scores.append(sums @ np.linalg.inv(transformed.x.T @ transformed.x))
    return [[g.T @ weights @ h for h in scores] for g in scores]
