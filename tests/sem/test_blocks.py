"""Large matrices that fall apart into blocks, or need no eigenvalues, give what the whole computation gives."""

from __future__ import annotations

import numpy as np
import pytest

from models.sem.inference.robust import bread
from models.sem.model.linear_algebra import between, blocks, in_parameters, no_flat_direction, solve
from models.sem.solving.minimise import _nearest


@pytest.fixture
def matrix() -> np.ndarray:
    """Positive definite (240, 240), two unconnected halves whose rows are mixed."""
    rng = np.random.default_rng(3)
    whole = np.zeros((240, 240))
    for places in (slice(0, None, 2), slice(1, None, 2)):
        x = rng.normal(size=(120, 120))
        whole[places, places] = x @ x.T / 120 + np.eye(120)
    return whole


def test_unconnected_parts_are_solved_and_inverted_apart(matrix: np.ndarray) -> None:
    right = np.arange(240.0)
    assert [part.tolist() for part in blocks(matrix)] == [list(range(0, 240, 2)), list(range(1, 240, 2))]
    assert solve(matrix, right) == pytest.approx(np.linalg.solve(matrix, right), rel=1e-10)
    assert bread(matrix, np.eye(240)) == pytest.approx(np.linalg.inv(matrix), abs=1e-12)
    matrix[0, 0] = -1.0
    assert solve(matrix, right) is None


def test_a_flat_direction_is_never_overlooked(matrix: np.ndarray) -> None:
    values, vectors = np.linalg.eigh(matrix)
    assert no_flat_direction(matrix, 1e-5)
    flat = matrix - (values[0] - 1e-6 * values[-1]) * np.outer(vectors[:, 0], vectors[:, 0])
    assert not no_flat_direction(flat, 1e-5)


def test_equal_labels_need_no_factorisation() -> None:
    rng = np.random.default_rng(4)
    K = np.zeros((240, 80))
    K[np.arange(240), np.arange(240) % 80] = rng.uniform(1, 2, 240)
    middle, rows, target = rng.normal(size=(240, 240)), rng.normal(size=(5, 80)), rng.normal(size=240)
    assert between(K, middle, K[:, ::-1]) == pytest.approx(K.T @ middle @ K[:, ::-1])
    assert in_parameters(rows, K) == pytest.approx(rows @ np.linalg.pinv(K))
    assert _nearest(K, target) == pytest.approx(np.linalg.lstsq(K, target, rcond=None)[0])
