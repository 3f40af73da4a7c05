"""What is installed works away from the source: the wheel in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

README = """
import numpy as np, pandas as pd
from stickiness import sem, panel, measurement
f = np.random.default_rng(1).normal(size=(200, 1))
answers = pd.DataFrame(f + np.random.default_rng(2).normal(size=(200, 3)), columns=["a", "b", "c"])
print(sem.fit("F =~ a + b + c", answers), sem.__file__, measurement.items, panel.fit)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, and this one's packages but not the source."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(["uv", "build", "-q", "--wheel", "-o", str(folder), str(ROOT)], check=True)
    venv.create(folder / "env", with_pip=False)
    (python,) = (folder / "env").glob("*/python")
    (wheel,) = folder.glob("*.whl")
    subprocess.run(["uv", "pip", "install", "-q", "--no-deps", "--python", str(python), str(wheel)], check=True)
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True
    ).stdout.strip()
    # A line of a .pth file adds a folder without reading the .pth files in it, so the source stays out.
    (Path(site) / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python.parent


def said(folder: Path, *command: object) -> str:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="looks for programs where Unix puts them")
def test_the_wheel_has_its_commands_its_science_and_its_declarations(installed: Path, tmp_path: Path) -> None:
    assert "stickiness check" in said(tmp_path, installed / "stickiness", "--help")
    shown = said(tmp_path, installed / "python", "-c", README)
    assert "Latent variables:" in shown
    assert str(installed.parent) in shown
    said(tmp_path, installed / "python", "-c", "import reports.front.page, reports.pages, pipeline.stages.site")
    declared = "from models.theory import hypotheses; from models.specs.build import structural_specs\n"
    declared += "import models.benchmark.declaration; print(sorted(hypotheses())[0], *structural_specs())"
    assert said(tmp_path, installed / "python", "-c", declared).startswith("H1")


@pytest.mark.slow
def test_a_type_checker_of_who_installs_the_wheel_knows_the_words(installed: Path, tmp_path: Path) -> None:
    lines = ["from stickiness import sem", "fit = sem.fit('y ~ x', sem.Moments([[1, 0.5], [0.5, 1]], 200))"]
    (tmp_path / "mine.py").write_text("\n".join([*lines, "fit.standardised('std_al')"]), encoding="utf-8")
    (python,) = installed.glob("python")
    checked = [sys.executable, "-m", "mypy", "--python-executable", python, "mine.py"]
    done = subprocess.run(list(map(str, checked)), cwd=tmp_path, capture_output=True, text=True)
    assert "expected \"Literal['std_lv', 'std_all', 'std_nox']\"" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_a_project_without_a_schema_is_checked_by_that_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "data/mine").mkdir(parents=True)
    (tmp_path / "data/mine/card.yaml").write_text("title: mine\n", encoding="utf-8")
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8")) | {"data_sets": ["mine"]}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(parameters), encoding="utf-8")
    done = subprocess.run([installed / "stickiness", "check"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "data/mine/card.yaml" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
