"""The documentation: what it shows is what happens, its links lead somewhere, its made pages are whole."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from models import theory
from pipeline import cli
from pipeline.documentation import PAGES
from pipeline.wording import words
from tests.conftest import ROOT, Project

DOCS = ROOT / "docs"
WRITTEN = sorted(DOCS.rglob("*.md"))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.S | re.M)


@pytest.mark.parametrize(("page", "language"), [("tutorial.md", "en"), ("tutorial.zh.md", "zh")])
def test_the_tutorial_says_what_happens(
    page: str, language: str, project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(words.VARIABLE, language)
    for block in blocks(DOCS / page, "python"):
        exec(compile(block, page, "exec"), {})
    consoles = blocks(DOCS / page, "console")
    assert len(consoles) == 2
    for console in consoles:
        command, *shown = console.splitlines()
        assert cli.main(shlex.split(command.removeprefix("$ stickiness "))) == 0
        said = capsys.readouterr().out
        for line in shown:
            assert line in said, f"{command} does not say: {line}\n{said}"


def test_every_link_leads_to_a_page() -> None:
    pages = {path.relative_to(DOCS).as_posix() for path in WRITTEN} | set(PAGES)
    for path in WRITTEN:
        for link in re.findall(r"\]\(([^)#:]+\.md)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).resolve().relative_to(DOCS).as_posix() in pages, f"{path.name}: {link}"
    listed = re.findall(r"[\w/.-]+\.md", yaml.safe_dump(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]))
    assert set(listed) == pages, "a page that the menu does not show, or the other way round"


def test_made_pages_tell_of_every_card_hypothesis_and_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    cards, hypotheses, commands, functions = (make() for make in PAGES.values())
    assert re.findall(r"^`(\w+)`$", cards, flags=re.M) == sorted(
        p.parent.name for p in Path("data").glob("*/card.yaml")
    )
    assert re.findall("^## (.+)$", hypotheses, flags=re.M) == list(theory.hypotheses())
    assert re.findall("^## (.+)$", commands, flags=re.M) == ["stickiness", *cli.VERBS]
    assert "### sem.fit" in functions


def test_commands_that_the_guide_names_exist() -> None:
    for path in [*WRITTEN, ROOT / "README.md", ROOT / "README.zh.md"]:
        text = re.sub(r"^```python.*?^```", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
        for verb in re.findall(r"(?:run |`|\$ |^)stickiness (\w+)", text, flags=re.M):
            assert verb in cli.VERBS, f"{path.name}: stickiness {verb}"
