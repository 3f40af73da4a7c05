"""What a card says, as frozen objects: the names of `data/card.schema.json`, and here alone what holds without them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from pathlib import PurePath
from typing import Any, Literal, TypeVar

from models.analysis.observed import Observed
from models.analysis.setting import Doubtful
from pipeline.wording.texts import Text

Value = str | float | bool
Part = TypeVar("Part")


@dataclass(frozen=True)
class Limits:
    """Numbers above one limit and below another; the limits themselves are not meant."""

    above: float = -inf
    below: float = inf


Values = Value | tuple[Value, ...]
# Column → the values that its cells may have, or limits; `pipeline.cleaning.conditions` says what equals what.
Where = dict[str, Values | Limits]


@dataclass(frozen=True)
class File:
    """A file of the source; `decimal` and `thousands` are empty where the card says nothing of its notation."""

    path: str
    sha256: str
    url: str = ""
    format: str = ""
    separator: str = ","
    decimal: str = ""
    thousands: str = ""
    encoding: str = "utf-8"
    columns: tuple[str, ...] = ()
    header: bool = True

    @property
    def form(self) -> str:
        """csv, fixed or parquet, as said or as the name tells."""
        return self.format or ("parquet" if PurePath(self.path).suffix.lower() in (".parquet", ".pq") else "csv")

    @property
    def first_line(self) -> int:
        """Line of the first row; Parquet has rows only."""
        return 2 if self.form != "parquet" and self.header else 1

    @property
    def point(self) -> str:
        """The sign before the decimals of numbers."""
        return self.decimal or "."


@dataclass(frozen=True)
class Simulator:
    design: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    kind: Literal["package", "url", "file", "simulator"]
    official: Text
    licence: Text
    citation: str
    package: str = ""
    version: str = ""
    redistributable: bool = False
    doi: str = ""
    simulator: Simulator = Simulator()
    files: dict[str, File] = field(default_factory=dict)


# What stands between the names of groups in results, as in "by: a", "a + b − c" and "a; b".
SEPARATORS = (": ", "; ", " + ", " − ")


@dataclass(frozen=True)
class Group:
    """A grouping: one value for everybody (`constant`), or a column's levels (None is left out) or bands of numbers."""

    label: Text = field(default_factory=dict)
    constant: str = ""
    column: str = ""
    levels: dict[Any, str | None] = field(default_factory=dict)
    bands: dict[str, tuple[float, float]] = field(default_factory=dict)
    names: dict[str, Text] = field(default_factory=dict)

    @property
    def values(self) -> list[str]:
        """The groups that there can be."""
        if self.constant:
            return [self.constant]
        return list(dict.fromkeys([*filter(None, self.levels.values()), *self.bands]))


Groups = dict[str, Group]


@dataclass(frozen=True)
class Question:
    """An entry of the codebook or the marker."""

    column: str
    range: tuple[float, ...]
    label: Text
    construct: str = ""
    item: str = ""
    reversed: bool = False
    missing_codes: tuple[float | str, ...] = ()
    values: dict[Any, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Control:
    column: str
    kind: Literal["number", "category"]
    label: Text


@dataclass(frozen=True)
class Duration:
    column: str
    unit: Literal["seconds", "minutes"]


@dataclass(frozen=True)
class Exclude:
    duplicate_answers: bool = False
    duplicate_rows: bool = False
    max_missing_share: float | None = None
    max_longest_string_share: float | None = None
    min_seconds: float | None = None
    where_missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    table: str
    items: tuple[Question, ...]
    stack: tuple[str, ...] = ()
    where: Where = field(default_factory=dict)
    respondent: str = ""
    missing_codes: tuple[float | str, ...] = ()
    values: dict[Any, float] = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    marker: tuple[Question, ...] = ()
    duration: Duration | None = None
    doubtful: Doubtful | None = None
    exclude: Exclude = Exclude()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that its rows stand in, in their order."""
        return (self.table, *self.stack)


@dataclass(frozen=True)
class Aggregate:
    """How events become one number."""

    agg: str = ""
    column: str | tuple[str, ...] = ()
    where: Where = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are added up or counted together."""
        return (self.column,) if isinstance(self.column, str) else self.column


@dataclass(frozen=True, kw_only=True)
class Measure(Aggregate):
    label: Text
    ratio: tuple[Aggregate, ...] = ()
    transform: Literal["", "log1p"] = ""
    empty: Literal["", "zero", "missing"] = ""
    unit: str = ""

    @property
    def parts(self) -> tuple[Aggregate, ...]:
        """The numbers that it is made of: numerator and denominator of a ratio, else itself."""
        return self.ratio or (self,)


@dataclass(frozen=True)
class Time:
    """A column of times; or days since an entity's occasion before, by the number of the occasion.

    `timezone` is empty where the card names none.
    """

    column: str = ""
    gap: str = ""
    order: str = ""
    format: str | tuple[str, ...] = ()
    timezone: str = ""

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms in which times may be written."""
        return (self.format,) if isinstance(self.format, str) else self.format

    @property
    def entries(self) -> dict[str, str]:
        """Column of the source → the entry that names it."""
        named = {"column": self.column, "gap": self.gap, "order": self.order}
        return {column: entry for entry, column in named.items() if column}

    @property
    def zone(self) -> str:
        """The zone on whose clock days begin."""
        return self.timezone or "UTC"


@dataclass(frozen=True)
class Join:
    """Another table's columns by a key: those that are named, or all."""

    table: str
    by: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class MadeColumn:
    """A column from others: their product, or what a pattern's group finds in one."""

    from_: str = ""
    pattern: str = ""
    product: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What it is made of."""
        return self.product or (self.from_,)


@dataclass(frozen=True)
class Rules:
    """Which events count; `drop_duplicates` names the columns that make two events the same, or True for all."""

    drop_duplicates: bool | tuple[str, ...] = False
    max_events_per_entity_day: float | None = None
    max_sum_per_entity_day: dict[str, float] = field(default_factory=dict)
    min_periods: int | None = None
    max_share_of_events: float | None = None
    drop_left_censored: bool = False

    @property
    def same(self) -> tuple[str, ...]:
        """Columns that make two events the same, where the card names some."""
        return self.drop_duplicates if isinstance(self.drop_duplicates, tuple) else ()


@dataclass(frozen=True)
class Treatment:
    """A roll-out: the construct that it stands for, and whom it reached when."""

    label: Text
    stands_for: str
    table: str
    start: Time
    joins: tuple[Join, ...] = ()
    where: Where = field(default_factory=dict)
    entity: str = ""


@dataclass(frozen=True)
class Panel:
    table: str
    entity: str
    time: Time
    period: Literal["week", "month", "quarter", "year"]
    measures: dict[str, Measure]
    stack: tuple[str, ...] = ()
    rows_are: Literal["events", "periods"] = "events"
    span: Literal["observed", "entry", "calendar"] = "observed"
    joins: tuple[Join, ...] = ()
    columns: dict[str, MadeColumn] = field(default_factory=dict)
    where: Where = field(default_factory=dict)
    rules: Rules = Rules()
    session_minutes: float | None = None
    groups: Groups = field(default_factory=dict)
    auxiliary: dict[str, Measure] = field(default_factory=dict)
    instruments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    negative_controls: tuple[str, ...] = ()
    treatments: dict[str, Treatment] = field(default_factory=dict)

    @property
    def measured(self) -> set[str]:
        """Constructs that something stands for."""
        return set(self.measures)

    @property
    def of_events(self) -> bool:
        """Whether a row of the table is an event, which the periods have yet to be counted from."""
        return self.rows_are == "events"

    @property
    def observed(self) -> Observed:
        """What the panel tells of."""
        return Observed(
            measures=tuple(self.measures),
            groups=tuple(self.groups),
            instruments=self.instruments,
            negative_controls=self.negative_controls,
            treatments={name: entry.stands_for for name, entry in self.treatments.items()},
            enters=self.of_events and self.span != "calendar",
        )

    @property
    def every_measure(self) -> dict[str, Measure]:
        """What is read off the data: the measures of constructs and the auxiliary ones."""
        return self.measures | self.auxiliary


@dataclass(frozen=True, kw_only=True)
class Covariate(Aggregate):
    """A column, the days between two dates, or a number of a subject's first events."""

    label: Text
    days: tuple[str, ...] = ()
    transform: Literal["", "log1p"] = ""
    reversed: bool = False
    unit: str = ""


@dataclass(frozen=True)
class Cohort:
    event_is: Text
    period: int
    horizon: int
    covariates: dict[str, Covariate]
    rows_are: Literal["subjects", "events"] = "subjects"
    table: str = ""
    origin: str = ""
    event: str = ""
    format: str = ""
    end: str = ""
    drop_duplicates: bool = False
    groups: Groups = field(default_factory=dict)

    @property
    def measured(self) -> set[str]:
        """Constructs that something stands for."""
        return set(self.covariates)

    @property
    def of_events(self) -> bool:
        """Whether subjects are the entities of the panel's log."""
        return self.rows_are == "events"


def present(part: Part | None) -> Part:
    """A part of a card, for what only cards with this part come to."""
    assert part is not None, "a card without this part came to what reads it"
    return part


def listed(meant: Values | Limits) -> tuple[Value, ...]:
    """The values of a selection that a cell may have; none for limits."""
    if isinstance(meant, Limits):
        return ()
    return meant if isinstance(meant, tuple) else (meant,)
