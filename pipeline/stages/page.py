"""page: results → the notebook of a data set, executed, as a page in each language with its figures."""

from __future__ import annotations

from pipeline.core import parallel, paths, progress, record, standing
from reports.texts import LANGUAGES

# Bytes of results from which on the second language is worth a further process.
LARGE = 300_000


def run(data_set: str) -> None:
    from reports import pages

    with record.costed("page", data_set), paths.whole(standing.page(data_set)) as draft:
        (draft / "figures").mkdir(parents=True)
        standing.note_shown(data_set, draft)
        size = paths.made(data_set, "judge", "judge", "results.csv").stat().st_size
        tasks: list[parallel.Task] = [(pages.write, (data_set, language, draft)) for language in LANGUAGES]
        workers = parallel.cores() if size > LARGE else 1
        (exhibits, defined), *_ = parallel.each(tasks, range(len(tasks)), workers, progress.step(data_set))
        pages.write_facts(data_set, exhibits, defined, draft)
