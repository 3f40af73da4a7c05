"""Write the resolver's exact versions into pyproject.toml and requirements.txt.

Run it after changing a dependency: `uv run python .ci/pin.py` (keep versions) or `uv run python .ci/pin.py --upgrade`.
`[tool.uv] constraint-dependencies` then pins the whole tree without download addresses; `uv.lock` stays out of git.
requirements.txt leaves the groups `spark` and `docs` out: few need them, and Spark is larger than all else together.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PYPROJECT, REQUIREMENTS = Path("pyproject.toml"), Path("requirements.txt")
BLOCK = re.compile(r"constraint-dependencies = \[\n.*?^\]\n", flags=re.S | re.M)


def export(*arguments: str) -> str:
    """The resolver's export of the groups, without the project itself."""
    command = ["uv", "export", "--all-groups", "--no-emit-project", "--no-annotate", "--no-header", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def with_pins(pyproject: str, pins: list[str]) -> str:
    """The text of pyproject.toml with the pins in place of the old ones."""
    listed = "".join(f'    "{pin}",\n' for pin in pins)
    block = f"constraint-dependencies = [\n{listed}]\n"
    if BLOCK.search(pyproject) is None:
        raise SystemExit("pyproject.toml has no constraint-dependencies under [tool.uv]; expected one to replace")
    return BLOCK.sub(lambda _: block, pyproject)


def main() -> None:
    text = PYPROJECT.read_text(encoding="utf-8")
    if "--upgrade" in sys.argv:
        PYPROJECT.write_text(with_pins(text, []), encoding="utf-8")
        subprocess.run(["uv", "lock", "--upgrade"], check=True)
        text = PYPROJECT.read_text(encoding="utf-8")
    pins = [line.strip().replace('"', "'") for line in export("--no-hashes").splitlines() if "==" in line]
    PYPROJECT.write_text(with_pins(text, pins), encoding="utf-8")
    REQUIREMENTS.write_text(export("--no-group", "spark", "--no-group", "docs"), encoding="utf-8")
    print(f"{len(pins)} versions pinned")


if __name__ == "__main__":
    main()
