"""The data card: what a data set is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from models.analysis.setting import Doubtful, Questionnaire
from models.messages.forms import made
from pipeline.cards import item_names
from pipeline.cards.parts import Cohort, Group, Panel, Part, Question, Source, Survey
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import Text, worded


@dataclass(frozen=True)
class Item:
    """A question of a survey.

    Attributes
    ----------
    column
        Raw column.
    name
        Name in the analysis, which a model can hold.
    construct
        What it measures; empty for a marker and where it is left open.
    low, high
        Response range.
    shown
        What people read: the name where it is the column (in lower case) or was given, else the raw column.
    missing_codes
        Values that mean no answer to this question only.
    values
        Label → number, where the file holds labels.
    """

    column: str
    name: str
    construct: str
    low: float
    high: float
    reversed: bool
    label: Text
    shown: str
    missing_codes: tuple[float | str, ...]
    values: dict[Any, float]


def _item(entry: Question, name: str, values: dict[Any, float]) -> Item:
    return Item(
        column=entry.column,
        name=name,
        construct=entry.construct,
        low=entry.range[0],
        high=entry.range[1],
        reversed=entry.reversed,
        label=entry.label,
        shown=name if entry.item or name == entry.column.lower() else entry.column,
        missing_codes=entry.missing_codes,
        values=values | entry.values,
    )


@dataclass(frozen=True)
class Card:
    """A validated data card; `raw` is the parsed YAML.

    What the card says is read from the parts, which know what holds where it says nothing; `raw` is for what goes
    through all entries alike.
    """

    path: Path
    raw: dict[str, Any]

    @property
    def id(self) -> str:
        return self.raw["id"]

    @property
    def simulated(self) -> bool:
        return self.raw["simulated"]

    @property
    def title(self) -> Text:
        return self.raw["title"]

    @property
    def row(self) -> Text:
        """What one row is."""
        return self.raw["row"]

    @property
    def country(self) -> str:
        """Where most people in the data live (ISO 3166-1 alpha-2); empty where the card does not say."""
        return self.raw.get("country", "")

    @property
    def description(self) -> Text | None:
        return self.raw.get("description")

    @property
    def cautions(self) -> list[Text]:
        """What a reader has to know before believing a number."""
        return self.raw.get("caution", [])

    @property
    def proxies(self) -> dict[str, Text]:
        """Construct → how far what is measured departs from it."""
        return self.raw.get("proxies", {})

    @cached_property
    def source(self) -> Source:
        return made(Source, self.raw["source"])

    @cached_property
    def survey(self) -> Survey | None:
        return self._part(Survey, "survey")

    @cached_property
    def panel(self) -> Panel | None:
        return self._part(Panel, "panel")

    @cached_property
    def cohort(self) -> Cohort | None:
        return self._part(Cohort, "cohort")

    def _part(self, form: type[Part], name: str) -> Part | None:
        return made(form, self.raw[name]) if name in self.raw else None

    @property
    def parts(self) -> dict[str, Survey | Panel | Cohort]:
        """Survey, panel and cohort, as far as the card has them."""
        found = {"survey": self.survey, "panel": self.panel, "cohort": self.cohort}
        return {name: part for name, part in found.items() if part is not None}

    @property
    def groups(self) -> dict[str, Group]:
        """Every grouping of the card; where parts share one, as the first of survey, panel and cohort says it."""
        found: dict[str, Group] = {}
        for part in self.parts.values():
            found = part.groups | found
        return found

    @cached_property
    def items(self) -> list[Item]:
        """Items of the codebook in its order; empty without a survey."""
        return self._asked("items")

    @cached_property
    def marker(self) -> list[Item]:
        """Items of the marker variable, which belong to no construct."""
        return self._asked("marker")

    def _asked(self, part: str) -> list[Item]:
        if self.survey is None:
            return []
        names = item_names.named(self.survey)
        values = self.survey.values
        return [_item(entry, names[part, i], values) for i, entry in enumerate(getattr(self.survey, part))]

    @cached_property
    def codebook(self) -> dict[str, list[str]]:
        """Construct → its items, in the order of the codebook; without those whose construct is left open."""
        found: dict[str, list[str]] = {}
        for item in self._scaled:
            found.setdefault(item.construct, []).append(item.name)
        return found

    @cached_property
    def _scaled(self) -> list[Item]:
        return [item for item in self.items if item.construct]

    @property
    def questionnaire(self) -> Questionnaire:
        """What the people of the survey were asked.

        Raises
        ------
        InputError
            When no question has a construct yet.
        """
        if self.items and not self.codebook:
            found, expected = worded("no_question_has_construct_yet"), worded("construct_of_questions")
            fix = worded("name_constructs_of_the_theory")
            raise InputError(Problem(str(self.path), found, expected, fix, column="survey.items"))
        return Questionnaire(
            codebook=self.codebook,
            limits={item.name: (item.low, item.high) for item in self._scaled},
            turned=tuple(item.name for item in self._scaled if item.reversed),
            marker=tuple(item.name for item in self.marker),
            groups=tuple(self.survey.groups) if self.survey else (),
            ordered_groups=self.own_ordered_groups or (tuple(self.survey.groups) if self.survey else ()),
            controls=tuple(self.survey.controls) if self.survey else (),
        )

    def doubts(self, usual: Doubtful) -> tuple[Doubtful, str]:
        """The rule that says whose answers are doubted, and where it stands: on the card, else in params.yaml."""
        own = self.survey.doubtful if self.survey else None
        return (own, "card") if own else (usual, "params")

    @property
    def doubts_used(self) -> dict[str, Any]:
        """Place in `params.yaml` → what the card says in its place, of the rule whose answers are doubted."""
        own = self.survey.doubtful if self.survey else None
        return {f"doubtful.{name}": value for name, value in asdict(own).items()} if own else {}

    @property
    def smallest_cell(self) -> int:
        """Smallest count of people that results show; 0 where the card sets none."""
        return self.raw.get("privacy", {}).get("smallest_cell", 0)

    @property
    def own_ordered_groups(self) -> tuple[str, ...]:
        """Groupings over which ordered answers are compared, where the card of simulated data says which."""
        return tuple(self.raw.get("ordered_groups", ()))

    @property
    def own_resamples(self) -> dict[str, int]:
        """What is resampled (`structure`, its `groups`, `measure`) → resamples, where the card says how many."""
        return self.raw.get("resamples", {})

    def resamples(self, what: str, otherwise: int) -> int:
        """Resamples of the respondents: what the card says, else what `params.yaml` does."""
        return self.own_resamples.get(what, otherwise)
