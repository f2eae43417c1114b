"""Where the command ``cratedigger`` is, which decodes in processes of its own and does what a whole study takes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NoReturn

from ._errors import CratediggerError

_NAME = "cratedigger.exe" if os.name == "nt" else "cratedigger"
_said: Path | None = None


def set_program(path: str | os.PathLike[str] | None) -> None:
    """Say which command is used instead of the one that was installed with this package.

    Parameters
    ----------
    path : path-like or None
        The command, of the same version; None for the installed one. The environment variable ``CRATEDIGGER_PROGRAM`` says the
        same to processes that are started later, such as workers of a cluster.
    """
    global _said
    _said = None if path is None else Path(path)


def program() -> str:
    """Where the command is.

    Returns
    -------
    str
        What :func:`set_program` said, else the environment variable ``CRATEDIGGER_PROGRAM``, else the command that was installed
        with this package, else the one that is found on ``PATH``.

    Raises
    ------
    CratediggerError
        There is none.
    """
    if _said is not None:
        return str(_said)
    told = os.environ.get("CRATEDIGGER_PROGRAM")
    if told:
        return told
    package = Path(__file__).resolve().parent
    folders = [sysconfig.get_path("scripts")]
    user = sysconfig.get_preferred_scheme("user")
    folders.append(sysconfig.get_path("scripts", user))
    # `pip install --target DIR` has the command in DIR/bin; environments that are packed and unpacked, beside their interpreter.
    folders.append(str(package.parent / "bin"))
    folders.append(str(Path(sys.executable).parent))
    for folder in folders:
        found = Path(folder) / _NAME
        if found.is_file() and os.access(found, os.X_OK):
            return str(found)
    found_on_path = shutil.which(_NAME)
    if found_on_path is not None:
        return found_on_path
    raise CratediggerError(
        f"the command {_NAME} is not where this package was installed ({', '.join(folders)}), nor on PATH: install the wheel, or name "
        "it with cratedig.set_program or CRATEDIGGER_PROGRAM"
    )


def main() -> NoReturn:
    """Run the command with the arguments of this process, as ``uvx cratedig`` does."""
    try:
        command = program()
    except CratediggerError as error:
        sys.exit(f"cratedig: {error}")
    arguments = [command, *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.run(arguments, check=False).returncode)
    os.execv(command, arguments)
