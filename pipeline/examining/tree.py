"""The files of the project as a reader gets them: what git keeps, or, without git, all that is not made."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models.remarks import Remark

# Made by a run, an installation or a tool; of an archive without git these are no part of the project.
_MADE = (
    ".git", ".venv", "results", "published", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache",
    ".hypothesis", "dvc_plots",
)  # fmt: skip
_CACHE = (".dvc/cache", ".dvc/tmp", ".ci/venv")
LARGEST = 5_000_000


@dataclass(frozen=True)
class Amiss:
    """One thing that a data editor would send back.

    Attributes
    ----------
    check
        The check that found it.
    said
        What was found, as a remark.
    file
        Where; of the project's folder.
    row
        Line, counted from 1, where there is one.
    """

    check: str
    said: Remark
    file: str
    row: int | None = None


class Tree:
    """The files of a project.

    Parameters
    ----------
    root
        The project's folder.
    """

    def __init__(self, root: Path = Path()) -> None:
        self.root = root

    @cached_property
    def files(self) -> list[str]:
        """Paths below the root, in order."""
        kept = self._listed("--cached", "--others", "--exclude-standard")
        names = kept if kept is not None else self._there()
        return sorted(name for name in names if (self.root / name).is_file())

    @cached_property
    def tracked(self) -> frozenset[str]:
        """Those of the files that git keeps already; all of them where the project is no repository of its own."""
        kept = self._listed("--cached")
        return frozenset(self.files if kept is None else kept)

    @cached_property
    def texts(self) -> dict[str, str]:
        """The files that hold text, with their text as it stands, line endings kept."""
        found = {}
        for name in self.files:
            data = self.bytes(name)
            if len(data) <= LARGEST and b"\0" not in data:
                try:
                    found[name] = data.decode("utf-8")
                except UnicodeDecodeError:
                    continue
        return found

    def bytes(self, name: str) -> bytes:
        """What a file holds."""
        return (self.root / name).read_bytes()

    def named(self, *suffixes: str) -> list[str]:
        """Text files with one of these endings."""
        return [name for name in self.texts if name.endswith(suffixes)]

    def _listed(self, *which: str) -> list[str] | None:
        """What git lists; None where the project is no repository of its own."""
        if not (self.root / ".git").exists():
            return None
        try:
            done = subprocess.run(["git", "ls-files", "-z", *which], cwd=self.root, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        return [name for name in done.stdout.decode("utf-8").split("\0") if name]

    def _there(self) -> list[str]:
        found = []
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root)
            made = any(part in _MADE[:2] + _MADE[4:] for part in name.parts) or name.parts[0] in _MADE[2:3]
            if path.is_file() and not made and not name.as_posix().startswith(_CACHE):
                found.append(name.as_posix())
        return found
