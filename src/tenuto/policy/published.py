"""The sets of rules that were published, each under the hash of its files, and the one in force.

policy/sets/<sha256>/   the files as they were published
policy/current          the name of the set in force, replaced as one
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tenuto.core.canonical import canonical_json
from tenuto.core.errors import CorruptError, UsageError
from tenuto.core.references import Sha256
from tenuto.policy.actions import FILE
from tenuto.policy.cases import SUFFIX as CASES
from tenuto.policy.source import SUFFIX as RULES
from tenuto.policy.source import read_text

_NAME = re.compile(r"[0-9a-f]{64}")


class PublishedRules:
    """What was published on this machine, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._sets = folder / "sets"
        self._pointer = folder / "current"

    def name(self) -> str | None:
        """Name of the set in force; None where none was published yet. A look at one small file.

        Raises CorruptError `policy.altered` for a name that no set has.
        """
        try:
            name = self._pointer.read_text("ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as wrong:
            raise _altered(self._pointer, f"it cannot be read: {wrong}") from wrong
        if not _NAME.fullmatch(name):
            raise _altered(self._pointer, "it names no set")
        return name

    def folder(self) -> Path | None:
        """Folder of the set in force, as it was published; None where none was.

        Raises CorruptError `policy.altered` where a file of it has changed since.
        """
        name = self.name()
        if name is None:
            return None
        folder = self._sets / name
        if set_name(folder) != name:
            raise _altered(folder, "its files are not those that were published")
        return folder

    def keep(self, source: Path) -> Path:
        """The folder of the set that the files of `source` are, copied here and named after what
        they are. It is not in force yet."""
        files = _files(source)
        name = _name_of(files)
        folder = self._sets / name
        if folder.is_dir() and set_name(folder) == name:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        self._sets.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._sets))
        for each, text in files.items():
            _write(draft / each, text)
        draft.rename(folder)
        _sync(self._sets)
        return folder

    def put_in_force(self, name: str) -> None:
        """Makes this set, which was kept before, the one in force: from one moment to the next."""
        draft = self._pointer.with_suffix(".draft")
        _write(draft, f"{name}\n")
        draft.replace(self._pointer)
        _sync(self._pointer.parent)


def set_name(folder: Path) -> Sha256:
    """What the set of files in `folder` is called: rules, tests, and actions of one's own.

    Raises UsageError `policy.unreadable` for a file that is no text.
    """
    return _name_of(_files(folder))


def _files(folder: Path) -> Mapping[str, str]:
    wanted = [each for each in folder.glob("*") if each.name.endswith((RULES, CASES))]
    own = folder / FILE
    return {each.name: read_text(each) for each in (*wanted, *([own] if own.is_file() else []))}


def _name_of(files: Mapping[str, str]) -> Sha256:
    return hashlib.sha256(canonical_json(dict(files))).hexdigest()


def _write(file: Path, text: str) -> None:
    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as wrong:
        raise UsageError(
            f"{file} cannot be written: {wrong}. Rules are published into the state folder"
            " (setting `state_dir`), by a user who may write there.",
            code="policy.not-published",
        ) from wrong


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _altered(place: Path, why: str) -> CorruptError:
    return CorruptError(
        f"The published rules in {place} cannot be used: {why}. Find out who changed them; the"
        " audit trail has the texts. Put the files back, or remove `current` beside `sets` and"
        " publish again (`tenuto policy publish`).",
        code="policy.altered",
    )
