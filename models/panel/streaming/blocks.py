"""Blocks of whole users: rows arrive in pieces sorted by user, users that straddle two pieces are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.messages import shown
from models.panel.engine.calendars import check_counts
from models.panel.engine.design import MIXED, FloatArray
from models.panel.engine.keys import IntArray, period_numbers, whole_numbers
from models.panel.errors import ColumnError, InfiniteValueError, OptionError, PanelError, TimeFormatError, check_columns
from models.remarks import Remark, remark

Pieces = Callable[[], Iterable[Any]]
Columns = dict[str, np.ndarray]


class NotStreamableError(PanelError):
    """The model or the data do not fit the streaming estimator; the message says why."""

    def __init__(self, said: Remark) -> None:
        super().__init__(said)


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of whole users.

    ``z`` (p, n) y and regressors, ``starts`` (m + 1,) first rows, ``period`` (n,) numbers, and for each user the
    ``unit``, ``group`` and ``cluster`` (m,), as numbers or as codes of the reader's ``labels``.
    """

    z: FloatArray
    starts: IntArray
    period: IntArray
    unit: IntArray
    group: IntArray
    cluster: IntArray


@dataclass
class Reader:
    """Turns pieces (Arrow batches, frames, mappings of arrays) into blocks.

    ``variables`` are columns or products of columns (``"a:b"``); ``labels`` give text keys the same codes in
    all pieces; ``counted`` are the whole numbers of all pieces so far that are taken for periods.
    """

    entity: str
    time: str
    variables: tuple[str, ...]
    by: str | None
    cluster: str
    freq: str | None
    labels: dict[str, dict[Any, int]] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)

    def __call__(self, pieces: Iterable[Any]) -> Iterator[Block]:
        """Yield blocks of whole users; raise NotStreamableError where the rows are not sorted by user."""
        rest: list[Columns] = []
        last: IntArray = np.empty(0, dtype=np.int64)
        for piece in pieces:
            columns = self._columns(piece)
            unit = columns[self.entity]
            if len(unit) == 0:
                continue
            edges = np.flatnonzero(unit[1:] != unit[:-1]) + 1
            begins_anew = bool(rest) and rest[-1][self.entity][-1] != unit[0]
            if len(edges) == 0 and not begins_anew:
                rest.append(columns)
                continue
            cut = int(edges[-1]) if len(edges) else 0
            block = self._block([*rest, {n: v[:cut] for n, v in columns.items()}], last)
            last = block.unit[-1:]
            yield block
            rest = [{n: v[cut:].copy() for n, v in columns.items()}]
        if rest:
            yield self._block(rest, last)
        check_counts(np.fromiter(self.counted, dtype=np.int64), self.time)

    def group_label(self, code: int) -> str:
        """Return the name of a group."""
        if self.by is None:
            return "all"
        known = self.labels.get(self.by)
        return str(code if known is None else list(known)[code])

    def _columns(self, piece: Any) -> dict[str, np.ndarray]:
        keys = dict.fromkeys([self.entity, *([self.by] if self.by else []), self.cluster])
        known = [str(n) for n in (piece.schema.names if hasattr(piece, "schema") else piece.keys())]
        numbers = list(dict.fromkeys([self.time, *(f for v in self.variables for f in v.split(":"))]))
        for name in [*keys, *numbers]:
            check_columns(known, [("variable", name)])
        columns = {name: self._codes(name, piece[name]) for name in keys}
        return {name: _numbers(name, piece[name], dates=name == self.time) for name in numbers} | columns

    def _codes(self, name: str, column: Any) -> IntArray:
        """Whole numbers as they are; anything else as codes by first appearance, the same in every piece."""
        if hasattr(column, "dictionary_encode"):
            import pyarrow as pa

            if column.null_count:
                raise NotStreamableError(remark("has_missing", name=name))
            if pa.types.is_integer(column.type):
                return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.int64, copy=False)
            encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
            codes, values = encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()
        else:
            array = np.asarray(column)
            if array.dtype.kind in "iu":
                return array.astype(np.int64, copy=False)
            if pd.api.types.infer_dtype(column, skipna=True) in MIXED:
                raise ColumnError(f"{name!r} mixes numbers and text, so that 1 and '1' are two; make it one type")
            found, distinct = pd.factorize(pd.Series(column))
            if (found < 0).any():
                raise NotStreamableError(remark("has_missing", name=name))
            codes, values = found, list(distinct)
        book = self.labels.setdefault(name, {})
        lasting = np.array([book.setdefault(v, len(book)) for v in values], dtype=np.int64)
        return lasting[codes]

    def _block(self, parts: list[Columns], last: IntArray) -> Block:
        units = _joined(parts, self.entity)
        starts = np.concatenate([[0], np.flatnonzero(units[1:] != units[:-1]) + 1, [len(units)]])
        unit = units[starts[:-1]]
        ordered = np.concatenate([last, unit])
        backwards = np.flatnonzero(ordered[1:] <= ordered[:-1])
        if len(backwards):
            pair = ordered[backwards[0] : backwards[0] + 2].tolist()
            names = [list(self.labels[self.entity])[c] for c in pair] if self.entity in self.labels else pair
            raise NotStreamableError(
                remark("unsorted", entity=self.entity, later=shown(names[1]), earlier=shown(names[0]))
            )
        z = np.empty((len(self.variables), starts[-1]))
        for j, name in enumerate(self.variables):
            first, *others = name.split(":")
            np.concatenate([part[first] for part in parts], out=z[j], casting="unsafe")
            for factor in others:
                z[j] *= _joined(parts, factor)
            if not np.isfinite(z[j].sum()) and np.isinf(z[j]).any():
                count = int(np.isinf(z[j]).sum())
                raise InfiniteValueError(remark("infinite_in_block", name=name, n=int(count)))
        group = self._constant(parts, self.by, starts) if self.by else np.zeros(len(unit), dtype=np.int64)
        cluster = unit if self.cluster == self.entity else self._constant(parts, self.cluster, starts)
        return Block(z, starts, self._periods(_joined(parts, self.time)), unit, group, cluster)

    def _constant(self, parts: list[Columns], name: str, starts: IntArray) -> IntArray:
        values = _joined(parts, name)
        changes = np.flatnonzero(values[1:] != values[:-1]) + 1
        inside = changes[starts[np.searchsorted(starts, changes)] != changes]
        if len(inside):
            raise NotStreamableError(remark("column_changes", name=name, entity=self.entity, n=len(inside)))
        return values[starts[:-1]]

    def _periods(self, values: np.ndarray) -> IntArray:
        if values.dtype.kind == "M" and self.freq is None:
            raise OptionError(f"{self.time!r} holds dates: name the length of a period, such as freq='M'")
        if pd.isna(values).any():
            raise NotStreamableError(remark("has_missing", name=self.time))
        time = pd.Series(values, name=self.time)
        if self.freq is not None:
            return period_numbers(time, self.freq).number
        if values.dtype.kind == "b":
            raise TimeFormatError(f"time {self.time!r} is true/false; expected whole numbers or dates")
        number = values.astype(np.int64, copy=False) if values.dtype.kind in "iu" else whole_numbers(time)
        self.counted.update(pd.unique(number).tolist())
        return number


def _joined(parts: list[Columns], name: str) -> np.ndarray:
    """One column of several parts."""
    return np.concatenate([part[name] for part in parts])


def _numbers(name: str, column: Any, dates: bool = False) -> np.ndarray:
    """Make a NumPy array of an Arrow, pandas or NumPy column; missing values of numbers become NaN."""
    array = np.asarray(column.to_numpy(zero_copy_only=False) if hasattr(column, "null_count") else column)
    if array.dtype.kind not in ("iufbM" if dates else "iufb"):
        raise NotStreamableError(remark("not_streamed_numbers", name=name, type=str(array.dtype)))
    return array


def frame_of(pieces: Iterable[Any]) -> pd.DataFrame:
    """All pieces in one frame."""
    frames = []
    for piece in pieces:
        frame = piece.to_pandas() if hasattr(piece, "to_pandas") else piece
        frames.append(pd.DataFrame(dict(frame)) if isinstance(frame, Mapping) else frame)
    return pd.concat(frames, ignore_index=True)
