"""A table that Arrow's libraries take without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _native

if TYPE_CHECKING:
    import pandas
    import pyarrow


class Table:
    """Rows in columns, kept by Rust and handed out by Arrow's C data interface.

    ``pyarrow.table(t)``, ``polars.DataFrame(t)``, ``duckdb.sql("from t")`` and ``pandas.DataFrame.from_arrow(t)`` take it without a
    copy of its numbers.

    Attributes
    ----------
    column_names : list of str
    num_rows : int
    metadata : dict of str to str
        What is to be known of all rows, such as ``cratedigger.recipe``.
    """

    def __init__(self, native: _native.Table) -> None:
        self._native = native

    @property
    def column_names(self) -> list[str]:
        return self._native.column_names

    @property
    def num_rows(self) -> int:
        return self._native.num_rows

    @property
    def metadata(self) -> dict[str, str]:
        return dict(self._native.metadata)

    def __len__(self) -> int:
        return self.num_rows

    def __repr__(self) -> str:
        return f"<cratedig.Table: {self.num_rows} rows, {len(self.column_names)} columns>"

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(max_rows=10, max_cols=12))

    def __arrow_c_schema__(self) -> Any:
        return self._native.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._native.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pyarrow.Table:
        """The table as pyarrow's, without a copy.

        Returns
        -------
        pyarrow.Table
        """
        import pyarrow

        return pyarrow.table(self)

    def to_pandas(self) -> pandas.DataFrame:
        """The table as pandas'.

        Returns
        -------
        pandas.DataFrame
        """
        return self.to_arrow().to_pandas()
