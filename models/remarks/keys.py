"""What remarks can say: every key with the kinds of its values, apart from the words, on which no result rests."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from models.remarks.words import catalogue, fields


@cache
def kinds(key: str) -> dict[str, str]:
    """Field → kind of an entry of the catalogue.

    Parameters
    ----------
    key : str
        The entry.

    Returns
    -------
    dict of str to str
        Kind of each field, one of `KINDS`.

    Raises
    ------
    KeyError
        For a key that the catalogue does not have.

    Examples
    --------
    >>> from models.remarks import kinds
    >>> kinds("few_pairs")
    {'n': 'count', 'least': 'count'}
    """
    if key not in _declared():
        raise KeyError(f"no remark {key!r}; word it in models/remarks/catalogue, then run: python -m pipeline.graph")
    return _declared()[key]


@cache
def _declared() -> dict[str, dict[str, str]]:
    source = files("models.remarks").joinpath("keys.json").read_text(encoding="utf-8")
    return json.loads(source)


def written() -> str:
    """Write the text of `keys.json` that goes with the catalogue: a line a key, in alphabetical order."""
    lines = (f"{json.dumps(key)}: {json.dumps(fields(forms['en']))}" for key, forms in sorted(catalogue().items()))
    return "{\n" + ",\n".join(lines) + "\n}\n"
