"""The words that the engine understands: what an editor completes, a type checker checks and a function accepts."""

from __future__ import annotations

from typing import Literal

Continuous = Literal["ML", "GLS", "ULS", "MLR", "MLM", "MLMV"]
Ordered = Literal["WLSMV", "WLSM", "DWLS", "ULSMV", "ULS"]
Estimator = Literal["ML", "GLS", "ULS", "MLR", "MLM", "MLMV", "WLSMV", "WLSM", "DWLS", "ULSMV"]
Missing = Literal["listwise", "fiml", "ml", "pairwise"]
Errors = Literal["standard", "robust", "robust.sem", "robust.huber.white", "bootstrap"]
Family = Literal[
    "loadings",
    "intercepts",
    "residuals",
    "residual.covariances",
    "lv.variances",
    "lv.covariances",
    "means",
    "regressions",
    "thresholds",
]
Information = Literal["expected", "observed"]
Parameterization = Literal["delta", "theta"]
Standardisation = Literal["std_lv", "std_all", "std_nox"]
Residual = Literal["raw", "cor", "normalized", "standardized"]
Scores = Literal["regression", "bartlett"]
Resampled = Literal["stratified", "nonparametric", "cluster", "bollen_stine"]
Interval = Literal["percentile", "bca"]
Drawn = Literal["est", "std_lv", "std_all"]
Derived = Literal["est", "std_lv", "std_all", "std_nox"]
Freed = Literal["=~", "~", "~~", "~1"]
Engine = Literal["auto", "compiled", "numpy"]
DifferenceTest = Literal["default", "standard", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"]
Shape = Literal["linear", "quadratic", "latent_basis"]
GrowthResiduals = Literal["free", "equal"]
