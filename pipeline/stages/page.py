"""page: results → the notebook of a data set, executed, as a page in each language with its figures."""

from __future__ import annotations

from pipeline.core import paths, record


def run(data_set: str) -> None:
    from reports import pages

    with record.costed("page", data_set), paths.whole(paths.RESULTS / "pages" / data_set) as draft:
        draft.mkdir()
        pages.write(data_set, draft)
