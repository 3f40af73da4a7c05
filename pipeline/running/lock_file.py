"""`dvc.lock`, one entry written when a stage has ended.

DVC reads and writes the whole file again for each stage, with a parser in Python that keeps comments, of which this
file has none. The parser in C, of the same library and the same YAML 1.2, takes a tenth of the time; and the entries of
the other stages, hundreds of files each, are worded once.
"""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dvc.stage import PipelineStage

SCHEMA, STAGES = "2.0", "stages:\n"


class LockFile:
    """The entries of finished stages.

    Parameters
    ----------
    path
        Of `dvc.lock`; it may be missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, str] = {}
        self._seen: tuple[int, int] | None = None

    def keep(self, stage: PipelineStage) -> None:
        """Write what a stage read and wrote, as `Stage.dump` does; the caller holds DVC's lock."""
        from dvc.stage.serialize import to_lockfile

        if self._state() != self._seen or self._seen is None:
            self._entries = {name: _text(name, entry) for name, entry in self._read().items()}
        self._entries |= {name: _text(name, entry) for name, entry in to_lockfile(stage).items()}
        draft = self._path.with_name(f"{self._path.name}.draft")
        with draft.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines([f"schema: '{SCHEMA}'\n{STAGES}", *self._entries.values()])
        os.replace(draft, self._path)
        self._seen = self._state()

    def _state(self) -> tuple[int, int] | None:
        """Size and time of the file, by which the entry of somebody else would be noticed."""
        try:
            seen = self._path.stat()
        except FileNotFoundError:
            return None
        return seen.st_size, seen.st_mtime_ns

    def _read(self) -> dict[str, Any]:
        if not self._path.exists():
            return {}
        return dict((_yaml().load(self._path.read_text(encoding="utf-8")) or {}).get("stages") or {})


def _text(name: str, entry: Any) -> str:
    """An entry as it stands under `stages`."""
    stream = io.StringIO()
    _yaml().dump({"stages": {name: entry}}, stream)
    return stream.getvalue().removeprefix(STAGES)


@cache
def _yaml() -> Any:
    from ruamel.yaml import YAML

    fast: Any = YAML(typ="safe", pure=False)
    fast.default_flow_style, fast.sort_base_mapping_type_on_output = False, False
    fast.representer.add_representer(OrderedDict, lambda representer, entry: representer.represent_dict(entry))
    return fast
