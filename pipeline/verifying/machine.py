"""The system and the processor, on which the last digit of a number may depend."""

from __future__ import annotations

import platform
from contextlib import suppress
from pathlib import Path


def facts() -> dict[str, str]:
    """System, architecture and name of the processor."""
    return {"system": platform.system(), "architecture": platform.machine(), "processor": _processor()}


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
