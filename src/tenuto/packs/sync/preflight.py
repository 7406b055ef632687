"""Whether `sync.yaml` and the secrets it names are ready, before anything is loaded."""

from pathlib import Path

from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import TenutoError
from tenuto.packs.sync.configuration import SyncFile
from tenuto.packs.sync.sources.file import check_sync_file, places_of
from tenuto.packs.sync.sources.places import Finding


def preflight(path: Path) -> tuple[SyncFile | None, list[Finding]]:
    """What `path` says, and everything that is wrong: in the file, and with secrets that have no
    value in this process's environment. Raises as `check_sync_file`."""
    content, findings = check_sync_file(path)
    if content is None:
        return None, findings
    places = places_of(path)
    references: list[tuple[tuple[str, ...], str]] = [
        (("sources", name, "secrets", key), reference)
        for name, source in content.sources.items()
        for key, reference in source.secrets.items()
    ]
    for name, destination in content.destinations.items():
        password = getattr(destination, "password", None)
        if password is not None:
            references.append((("destinations", name, "password"), password))
    for place, reference in references:
        try:
            resolve_secret(reference)
        except TenutoError as error:
            findings.append(places.finding(place, error.message))
    return content, sorted(findings, key=lambda each: (each.line, each.column))
