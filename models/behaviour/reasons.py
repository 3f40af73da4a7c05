"""Why a step has no estimate: the remark of what its engine raised."""

from __future__ import annotations

from numpy.linalg import LinAlgError

from models.remarks import Remark, Stated, remark


def reason(error: Stated | LinAlgError) -> Remark:
    """The remark of an engine's error; of linear algebra, that a matrix has no inverse."""
    return error.remark if isinstance(error, Stated) else remark("matrix_singular")
