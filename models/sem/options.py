"""The words that `fit` understands: what an editor completes, a type checker checks and a fit accepts."""

from __future__ import annotations

from typing import Literal

Continuous = Literal["ML", "GLS", "ULS", "MLR", "MLM", "MLMV"]
Ordered = Literal["WLSMV", "WLSM", "DWLS", "ULSMV", "ULS"]
Estimator = Literal["ML", "GLS", "ULS", "MLR", "MLM", "MLMV", "WLSMV", "WLSM", "DWLS", "ULSMV"]
Missing = Literal["listwise", "fiml", "ml", "pairwise"]
Errors = Literal["standard", "robust", "robust.sem", "robust.huber.white", "bootstrap"]
Information = Literal["expected", "observed"]
Parameterization = Literal["delta", "theta"]
