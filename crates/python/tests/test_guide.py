"""The examples of the guide run as they stand."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import subprocess
from pathlib import Path

import pytest

import cratedig

GUIDE = Path(__file__).parents[3] / "docs" / "python.md"


def blocks() -> list[str]:
    """The Python of the guide's notebook, which is one text with explanations in between."""
    text = GUIDE.read_text(encoding="utf-8")
    notebook = text.split("<!-- notebook -->")[1].split("<!-- end of the notebook -->")[0]
    return re.findall(r"```python\n(.*?)```", notebook, flags=re.DOTALL)


def test_the_notebook_of_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    subprocess.run(
        [cratedig.program(), "--quiet", "synth", "music", "--tracks", "60", "--clips", "60"], check=True, stdout=subprocess.DEVNULL
    )
    cells = blocks()
    assert len(cells) >= 5
    names: dict[str, object] = {}
    for cell in cells:
        exec(compile(cell, str(GUIDE), "exec"), names)
    assert os.path.exists("genres.cdmodel")


@pytest.mark.parametrize("name", ["cratedig", "cratedig._extractor", "cratedig._study", "cratedig._table"])
def test_examples_of_the_sources(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
