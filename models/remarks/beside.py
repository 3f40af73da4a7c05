"""What is said beside a number in a frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.remarks.said import Remark


@dataclass(frozen=True, repr=False)
class Remarks:
    """The remarks in one cell of a frame: false where there are none, in English where the frame is shown."""

    said: tuple[Remark, ...] = ()

    @classmethod
    def of(cls, *said: Remark) -> Remarks:
        """Hold the remarks given one by one.

        Parameters
        ----------
        *said : Remark
            In the order in which they are read.

        Returns
        -------
        Remarks
            All of them.
        """
        return cls(said)

    def __iter__(self) -> Iterator[Remark]:
        """Iterate over the remarks."""
        return iter(self.said)

    def __bool__(self) -> bool:
        """Tell whether anything is said."""
        return bool(self.said)

    def __str__(self) -> str:
        """Write the remarks in one line."""
        return "; ".join(map(str, self.said))

    __repr__ = __str__
