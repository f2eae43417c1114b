"""The version, as it was installed."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("cratedig")
except PackageNotFoundError:  # sources that were not installed
    __version__ = "0"
