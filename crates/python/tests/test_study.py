"""A study through Python."""

from __future__ import annotations

import pytest

import cratedig


def test_findings_and_a_page_that_a_notebook_shows() -> None:
    found = cratedig.study(tracks=200, skip=["selection", "geography"], seed=3)
    assert found.findings["overview"]["n_tracks"] == 200 == found["overview"]["n_tracks"]
    assert "selection" in found["sections_skipped"]
    shown = found._repr_html_()
    assert shown.startswith("<iframe srcdoc=") and "&lt;html" in shown and "sandbox=" in shown
    assert "synthetic archive (seed 3)" in repr(found)


def test_errors_have_the_words_of_the_command(tmp_path) -> None:
    with pytest.raises(cratedig.CratediggerError, match="top:N"):
        cratedig.study(genres="top:one")
    with pytest.raises(cratedig.CratediggerError, match=str(tmp_path)):
        cratedig.study(tmp_path)
    with pytest.raises(cratedig.CratediggerError, match="--no-such-option"):
        cratedig.study(no_such_option=True)
