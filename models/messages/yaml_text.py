"""The text of a declaration as values, by the parser in C where PyYAML has it: it is ten times as fast."""

from __future__ import annotations

from typing import Any

import yaml


def parsed(text: str) -> Any:
    """Return what a YAML text says; plain values only."""
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
