"""jsonschema as cards and parameters need it.

With it comes, where notebooks are installed, a grammar of internationalised addresses that takes longer to load than
all else in a step. No schema here asks for the format of an address, so it stays out while jsonschema is loaded.
"""

from __future__ import annotations

import sys

_GRAMMAR = "rfc3987_syntax"
_known = sys.modules.get(_GRAMMAR)
sys.modules.setdefault(_GRAMMAR, None)  # type: ignore[arg-type]  # how Python is told that a module cannot be imported
try:
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.exceptions import best_match
    from jsonschema.validators import extend
finally:
    if _known is None:
        del sys.modules[_GRAMMAR]

__all__ = ["Draft202012Validator", "ValidationError", "best_match", "extend"]
