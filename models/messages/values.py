"""Values of the data in messages."""

from __future__ import annotations


def shown(value: object) -> str:
    """Show a value as an editor does, text in quotes: 7 and not np.int64(7).

    Parameters
    ----------
    value : object
        A value of Python or NumPy.

    Returns
    -------
    str
        Its text.

    Examples
    --------
    >>> import numpy as np
    >>> from models.messages import shown
    >>> shown(np.int64(7)), shown("a")
    ('7', "'a'")
    """
    return repr(value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value)
