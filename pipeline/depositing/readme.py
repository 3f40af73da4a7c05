"""The read-me of the deposit, in the form that data editors of the social sciences ask for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.cards import card as cards
from pipeline.core import declared, paths
from pipeline.depositing.contents import Contents
from pipeline.verifying import published
from pipeline.verifying.program import stages
from pipeline.wording.texts import in_language

LANGUAGE = "en"


def facts(contents: Contents) -> dict[str, Any]:
    """Everything that the template prints."""
    sets = []
    for name in contents.data_sets:
        card, was = cards.load(paths.card_path(name)), published.load(name)
        files = was.facts["source"]["files"]
        sets.append(
            {
                "name": name,
                "title": in_language(card.title, LANGUAGE),
                "simulated": card.simulated,
                "licence": in_language(card.source.licence, LANGUAGE),
                "official": in_language(card.source.official, LANGUAGE),
                "citation": card.source.citation,
                "doi": card.source.doi,
                "packed": any(place.startswith(f"data/{name}/") for place in contents.data),
                "files": [{"name": entry["file"], "sha256": entry.get("sha256", "")} for entry in files.values()],
                "date": was.facts["date"],
                "seed": _seed(was),
                "draws": sum(len(record.get("seeds", ())) for record in was.facts["records"].values()),
                "costs": _costs(name),
                "exhibits": _exhibits(name),
            }
        )
    entries = declared.stages()
    return {
        "sets": sets,
        "left_out": [
            asdict(one) | {what: in_language(getattr(one, what), LANGUAGE) for what in ("licence", "get")}
            for one in contents.left_out
        ],
        "stages": [{"name": stage, "what": entries[stage].get("desc", "")} for stage in stages()],
        "machine": published.load(contents.data_sets[0]).facts["machine"],
        "files": len(contents.code) + len(contents.data),
    }


def _seed(was: published.Results) -> str:
    seeds = {record["seed"] for record in was.facts["records"].values() if record.get("seed") is not None}
    return ", ".join(map(str, sorted(seeds)))


def _costs(name: str) -> dict[str, float]:
    """Seconds and the largest memory of the stages, where the run was here."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (paths.DECLARED / "costs" / name).glob("*.json")]
    if not found:
        return {}
    return {
        "seconds": round(sum(each["seconds"] for each in found)),
        "memory": max((each.get("peak_memory_mb") or 0) for each in found),
    }


def _exhibits(name: str) -> list[dict[str, str]]:
    """Exhibit → program → line, as the page wrote it down."""
    path = paths.DECLARED / "pages" / name / "exhibits.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def folder_size(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
