"""The parameters of stages, read once a change of their file.

DVC reads the file again whenever it asks for the parameters of a stage, several times a stage, and looks each of them
up by a search with wildcards through the whole file, which over a run took longer than all else that it does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

WILDCARDS = frozenset("*?[]0123456789")  # and places in lists
Reader = Callable[..., Any]


def read_once() -> None:
    """Let DVC read parameters by `values`."""
    from dvc.dependency import param

    if not isinstance(param.read_param_file, partial):
        param.read_param_file = partial(values, param.read_param_file, {})


def values(
    whole: Reader,
    known: dict[str, tuple[tuple[int, int], Any]],
    fs: Any,
    path: str,
    key_paths: Sequence[str] | None = None,
    flatten: bool = False,
    **how: Any,
) -> Any:
    """What a file says of parameters, named by the entries above them; those that it does not have are left out.

    Parameters
    ----------
    whole
        DVC's own reader, which is asked for the whole file, and for all that is not plain names of a local file.
    known
        What was read, by path, with time and size of the file.
    """
    plain = WILDCARDS.isdisjoint("".join(key_paths or "*"))
    if key_paths is None or not plain or not flatten or how or not os.path.isfile(path):
        return whole(fs, path, key_paths, flatten=flatten, **how)
    seen = os.stat(path)
    state = (seen.st_mtime_ns, seen.st_size)
    if known.get(path, (None,))[0] != state:
        known[path] = state, whole(fs, path)
    found = {name: _entry(known[path][1], name.split(".")) for name in key_paths}
    return {name: deepcopy(value) for name, value in found.items() if value is not _NONE}


_NONE = object()


def _entry(content: Any, name: Sequence[str]) -> Any:
    for part in name:
        if not isinstance(content, Mapping) or part not in content:
            return _NONE
        content = content[part]
    return content
