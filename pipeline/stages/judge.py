"""judge: the stages' tables → the one long table, verdicts, headline numbers, what a synthesis needs."""

from __future__ import annotations

import json

import pandas as pd

from models import evidence, specs
from pipeline.cards import card as cards
from pipeline.cards import studies
from pipeline.cards.offered import offer
from pipeline.core import paths, record, results


def run(data_set: str) -> None:
    with record.kept(data_set, "judge"):
        _judge(data_set)


def _judge(data_set: str) -> None:
    card = cards.load(paths.card_path(data_set))
    tables = [results.read(paths.made(data_set, stage, f"{stage}.csv")) for stage in ("measure", "structure", "panel")]
    rows = evidence.with_links(pd.concat([table for table in tables if len(table)], ignore_index=True))
    truth_path = paths.of(data_set, "raw", "truth.csv")
    if truth_path.exists():
        truth = pd.read_csv(truth_path, keep_default_na=False)
        recovered = _own(card, [evidence.recovery(rows, truth), evidence.known_truth(truth)])
        rows = pd.concat([rows, recovered], ignore_index=True)
    offered = offer(card, paths.of(card.id, "clean"))
    verdicts = evidence.verdicts(rows, offered)
    rows = pd.concat([rows, _own(card, [offered.proxy_rows(), evidence.power(verdicts)])], ignore_index=True)
    rows = pd.concat([rows, _own(card, [evidence.exposure(rows, verdicts)])], ignore_index=True)
    for column in verdicts.select_dtypes("number"):
        verdicts[column] = results.rounded(verdicts[column])
    verdicts.insert(0, "data_set", card.id)
    verdicts.insert(1, "simulated", card.simulated)
    with paths.whole(paths.of(data_set, "judge")) as draft:
        draft.mkdir()
        results.publish(rows, draft)
        results.write(verdicts, draft / "verdicts.csv")
        results.write(evidence.declared(), draft / "threats.csv")
    with paths.whole(paths.RESULTS / "judged" / data_set) as draft:
        studies.write(card, rows, verdicts, draft)
    with paths.whole(paths.of(data_set, "metrics.json")) as draft:
        draft.write_text(
            json.dumps(_headline(data_set, rows, verdicts), indent=2, sort_keys=True) + "\n", encoding="utf-8"
        )


def _own(card: cards.Card, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows that this stage adds."""
    return results.table(parts, data_set=card.id, simulated=card.simulated, stage="judge")


def _headline(data_set: str, rows: pd.DataFrame, verdicts: pd.DataFrame) -> dict:
    """Sample sizes, counts of verdicts and fit: what `dvc metrics show` prints."""
    headline: dict = {"n": {}, "verdicts": {}, "fit": {}}
    for kind in verdicts["kind"].unique():
        path = paths.of(data_set, "clean", f"{kind}.parquet")
        if path.exists():
            headline["n"][kind] = len(pd.read_parquet(path, columns=[]))
            counts = verdicts[verdicts["kind"] == kind]["verdict"].value_counts()
            headline["verdicts"][kind] = {verdict: int(counts.get(verdict, 0)) for verdict in evidence.VERDICTS}
    fit = rows[(rows["table"] == "fit") & (rows["model"] == specs.MAIN)].set_index("quantity")["estimate"]
    headline["fit"] = {name: fit[name] for name in ("cfi", "rmsea", "srmr") if name in fit.index}
    recovered = rows[rows["table"] == "recovery"]["quantity"]
    if len(recovered):
        headline["recovery"] = {"parameters": len(recovered), "covered": int((recovered == "covered").sum())}
    return headline
