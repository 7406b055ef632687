"""What a file is, by its suffix. The standard library's answer differs between machines."""

from pathlib import PurePath

UNKNOWN = "application/octet-stream"
JSON = "application/json"
PARQUET = "application/vnd.apache.parquet"

_BY_SUFFIX = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".htm": "text/html",
    ".html": "text/html",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": JSON,
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".parquet": PARQUET,
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".typ": "text/vnd.typst",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zip": "application/zip",
}


def media_type_of(name: str) -> str:
    """The media type of a file with this name; `application/octet-stream` if unknown."""
    return _BY_SUFFIX.get(PurePath(name).suffix.lower(), UNKNOWN)
