"""The words between the exhibits: headings, opening sentences, what is missing and why."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from pipeline.cards import languages
from pipeline.cards.parts import present
from reports.exhibits import Figure, Heading, Page, Table
from reports.findings import summary
from reports.tables import regressions, structure

NEEDS = {"measurement": "survey", "structure": "survey", "panel": "panel"}


class Narrative:
    """Chapters of a page."""

    def __init__(self, page: Page) -> None:
        self.page, self.report, self.texts = page, page.report, page.texts

    def chapter(self, name: str) -> Markup:
        """Heading and opening sentences; a chapter on what the data set does not have is left out."""
        needed = {"recovery": "recovery", "cohort": "survival"}.get(name)
        kind = NEEDS.get(name)
        if needed and self.report.table(needed).empty or kind and kind not in self.report.kinds:
            return Markup("")
        parts = [self._lead(name)] if name != "summary" else summary.sentences(self.report, self.texts)
        if name == "structure" and self.report.table("paths").empty:
            parts = [self.texts("chapter.structure.none")]
        elif name == "panel" and self.report.table("slopes").empty:
            parts = [self.texts("chapter.panel.none")]
        elif name == "structure":
            parts.append(self.texts("note.associated"))
        elif name == "data":
            parts = self._data()
        elif name == "verdicts":
            parts += self._other_kinds()
        paragraphs = Markup("\n").join(Markup("<p>{}</p>").format(part) for part in parts if part)
        extra = self._cautions() if name == "data" else Markup("")
        title = self.texts(f"chapter.{name}.title")
        said = tuple(part for part in parts if part)
        self.page.chapters.append(Heading(title, said, len(self.page.shown)))
        return Markup('<h2 id="{}">{}</h2>\n{}\n{}').format(name, title, paragraphs, extra)

    def _lead(self, name: str) -> str:
        """The opening sentence, with what the chapter's models were estimated with."""
        if name == "cohort":
            event = present(self.report.card.cohort).event_is
            return self.texts("chapter.cohort.lead", event=self.texts.pick(event))
        if name == "structure":
            how = self.report.records["structure"]["parameters"]["structure"]
            words = {part: self.texts(f"estimation.{how[part]}") for part in ("estimator", "missing")}
            return self.texts("chapter.structure.lead", **words)
        if name == "panel":
            rows = self.report.table("slopes").dropna(subset="estimate")
            usual = all(
                regressions.way_of(rows, model)["effects"] == "twoway" for model in dict.fromkeys(rows["model"])
            )
            return self.texts("chapter.panel.lead" if usual else "chapter.panel.lead_by_model")
        return self.texts(f"chapter.{name}.lead")

    def part(self, name: str, *found: Sequence[Table | Figure]) -> Markup:
        """Exhibits under a heading of their own; nothing where there are none."""
        exhibits = [exhibit for group in found for exhibit in group]
        if not exhibits:
            return Markup("")
        said = Markup('<h3 id="{}">{}</h3>\n{}')
        return said.format(name.replace(".", "-"), self.texts(f"part.{name}"), self.page.exhibits(exhibits))

    def _data(self) -> list[str]:
        card = self.report.card
        other = languages.lacking(card.raw, self.texts.language)
        said = self.texts.pick(card.description) if card.description else self.texts("chapter.data.lead")
        return [said, *([self.texts("chapter.data.one_language", n=other)] if other else [])]

    def _cautions(self) -> Markup:
        cautions = self.report.card.cautions
        if not cautions:
            return Markup("")
        items = Markup("").join(Markup("<li>{}</li>").format(self.texts.pick(caution)) for caution in cautions)
        return Markup('<div class="cautions"><h3>{}</h3><ul>{}</ul></div>').format(
            self.texts("chapter.data.cautions"), items
        )

    def _other_kinds(self) -> list[str]:
        """Tests that the data set has no data for."""
        return [self.texts(f"sentence.no_{kind}") for kind in ("survey", "panel") if kind not in self.report.kinds]

    def on_demand(self, verb: str, table: str) -> Markup:
        """How to get the results of a verb that a data set has none of yet."""
        judged = (self.report.verdicts["verdict"] != "not_testable").any()
        if len(self.report.table(table)) or not self.report.kinds or (verb == "null" and not judged):
            return Markup("")
        command = Markup("<code>stickiness {} {}</code>").format(verb, self.report.id)
        return Markup("<p>{}</p>").format(Markup(self.texts(f"sentence.no_{table}")).format(command=command))

    def second_opinion(self) -> Markup:
        """How far a second program agrees."""
        sentence = structure.second_opinion(self.report, self.texts)
        return Markup('<p class="finding">{}</p>').format(sentence) if sentence else Markup("")
