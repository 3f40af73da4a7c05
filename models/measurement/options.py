"""The words that measurement understands: what an editor completes, a type checker checks and a function accepts."""

from __future__ import annotations

from typing import Literal

Likelihood = Literal["MLR", "ML"]
Invariant = Literal["MLR", "ML", "WLSMV"]
Gaps = Literal["fiml", "listwise"]
Small = Literal["merge", "drop"]
Imputed = Literal["pmm", "normal"]
Reference = Literal["permuted", "normal"]
