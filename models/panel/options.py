"""The words that the panel models understand: what an editor completes, a type checker checks and a fit accepts."""

from __future__ import annotations

from typing import Literal

Effects = Literal["pooled", "between", "random", "entity", "time", "twoway", "first-difference", "mundlak"]
Absorbed = Literal["pooled", "entity", "time", "twoway"]
Errors = Literal["stata", "hc0", "hc1", "linearmodels", "classical", "driscoll-kraay"]
ClusteredErrors = Literal["stata", "hc0", "hc1"]
Singletons = Literal["keep", "drop"]
Engine = Literal["auto", "linearmodels", "streaming"]
Link = Literal["cloglog", "logit"]
Ties = Literal["efron", "breslow"]
Transform = Literal["km", "identity"]
Weights = Literal["webb", "rademacher"]
Baseline = Literal["effects", "pooled"]
