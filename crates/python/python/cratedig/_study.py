"""A whole study, by the command."""

from __future__ import annotations

import html
import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ._errors import CratediggerError
from ._program import program


class Study:
    """What a study found.

    Attributes
    ----------
    findings : dict
        Every figure of the report (``docs/findings.md``).
    html : str
        The report: one page that opens without a network. A notebook shows it.
    """

    def __init__(self, findings: dict[str, Any], page: str) -> None:
        self.findings = findings
        self.html = page

    def __getitem__(self, section: str) -> Any:
        return self.findings[section]

    def __repr__(self) -> str:
        return f"<cratedig.Study of {self.findings['provenance']['data_source']}>"

    def _repr_html_(self) -> str:
        # In a frame of its own, so that neither's style and scripts reach the other.
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" sandbox="allow-scripts allow-popups" width="100%" height="800" '
            'style="border: 0"></iframe>'
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the report as one page."""
        Path(path).write_text(self.html, encoding="utf-8")


def study(dir: str | os.PathLike[str] | None = None, **options: Any) -> Study:
    """Study a collection: what is missing, what a choice of genres costs, how well genres are told apart.

    Parameters
    ----------
    dir : path-like, optional
        A folder of the dataset's CSV files, or a store. Without it, a synthetic archive.
    **options
        Those of ``cratedigger study`` by their names, with underscores for hyphens: ``genres="top:8"``, ``split="official"``,
        ``skip=["tuning"]``, ``no_tune=True``, ``seed=1``, ``jobs=2``, ``tracks=500``. Lists become texts with commas.

    Returns
    -------
    Study

    Raises
    ------
    CratediggerError
        In the words of the command.

    Examples
    --------
    >>> import cratedig
    >>> found = cratedig.study(tracks=200, skip=["selection"])  # doctest: +SKIP
    >>> found["overview"]["n_tracks"]  # doctest: +SKIP
    200
    """
    with tempfile.TemporaryDirectory(prefix="cratedig-study-") as folder:
        out = Path(folder) / "study"
        arguments = [program(), "--quiet", "study", f"--out={out}"]
        for name, value in options.items():
            option = "--" + name.replace("_", "-")
            if value is True:
                arguments.append(option)
            elif isinstance(value, (list, tuple)):
                arguments.append(f"{option}={','.join(map(str, value))}")
            elif value is not None and value is not False:
                arguments.append(f"{option}={value}")
        if dir is not None:
            arguments += ["--", os.fspath(dir)]
        run(arguments)
        findings = json.loads((out / "findings.json").read_text(encoding="utf-8"))
        return Study(findings, (out / "report.html").read_text(encoding="utf-8"))


def run(arguments: list[str]) -> None:
    """Run the command; what it says of an error becomes one. It ends with this process's Ctrl-C."""
    process = subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        _, said = process.communicate()
    except BaseException:
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise
    # 1 tells that some records could not be read, which the findings tell too.
    if process.returncode not in (0, 1):
        words = said.strip().removeprefix("cratedigger: ").removeprefix("error: ")
        raise CratediggerError(words or f"the command ended with {process.returncode}")
