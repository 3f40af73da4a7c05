"""What `dvc plots show` needs: counts of verdicts, and a page with Vega inside instead of links to it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.tables.verdicts import MARKS

# DVC writes the plots after the scripts; its own {scripts} link to a network and are left out. The menu of a plot would
# offer to send it to an editor on the web.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Stickiness</title>
{refresh_tag}
<script>(function () {
%s
})();</script>
<script>
(function () {
  const embed = window.vegaEmbed;
  const actions = {export: true, source: false, compiled: false, editor: false};
  window.vegaEmbed = (place, spec) => embed(place, spec, {actions: actions});
})();
</script>
<style>body { margin: 2rem; font-family: "Helvetica Neue", Arial, sans-serif; } table { border-spacing: 15px; }</style>
</head>
<body>
{plot_divs}
</body>
</html>
"""


def counts(found: list[dict[str, Any]]) -> pd.DataFrame:
    """How often each verdict was given: data set, kind of test, simulated or not, verdict, count."""
    rows = []
    for entry in found:
        for kind in entry["kinds"]:
            given = [row["verdict"] for row in entry["verdicts"] if row["kind"] == kind]
            label = f"{entry['data_set']} ({kind}{', simulated' if entry['simulated'] else ''})"
            for verdict in MARKS:
                rows.append(
                    {
                        "data_set": label,
                        "simulated": entry["simulated"],
                        "verdict": verdict,
                        "count": given.count(verdict),
                    }
                )
    return pd.DataFrame(rows, columns=["data_set", "simulated", "verdict", "count"])


def vega() -> str:
    """Vega and its embedding in one script, put together within a second or two."""
    import vl_convert

    return vl_convert.javascript_bundle()  # type: ignore[call-arg]


def template(vega: str) -> str:
    """The HTML template of DVC's plots with Vega inside."""
    return PAGE.replace("%s", vega)
