"""The rules that come with Tenuto and with packs, as files to be made one's own."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tenuto.app import known_packs
from tenuto.core.errors import UsageError
from tenuto.core.pack import Pack
from tenuto.engine.settings import load_settings

_OF_A_PACK = ("policy.cedar", "policy.test.yaml")


def copy_bundle(folder: Path) -> list[Path]:
    """Writes every rule file and its tests into `folder`; returns what was written, sorted.

    Raises UsageError `cli.file-exists` where one of them exists, before anything is written.
    """
    wanted = {folder / name: source for name, source in _bundle().items()}
    existing = [str(file) for file in wanted if file.exists()]
    if existing:
        raise UsageError(
            f"{', '.join(existing)} exist already; nothing is written over. Name a new folder:"
            " `tenuto policy init other-folder`.",
            code="cli.file-exists",
            details={"files": existing},
        )
    folder.mkdir(parents=True, exist_ok=True)
    for file, source in wanted.items():
        with file.open("xb") as written:
            written.write(source.read_bytes())
    return sorted(wanted)


def _bundle() -> dict[str, Traversable]:
    """File name -> where it comes from. Rules of a pack without tests are left where they are."""
    shipped = files("tenuto.policy").joinpath("shipped")
    found = {each.name: each for each in shipped.iterdir() if each.is_file()}
    for pack in known_packs(load_settings()):
        rules, tests = (_beside(pack, name) for name in _OF_A_PACK)
        if rules is not None and tests is not None:
            found[f"pack-{pack.name}.cedar"] = rules
            found[f"pack-{pack.name}.test.yaml"] = tests
    return found


def _beside(pack: Pack, name: str) -> Traversable | None:
    package = pack.catalog[0].rpartition(".")[0] if pack.catalog else ""
    source = files(package).joinpath(name) if package else None
    return source if source is not None and source.is_file() else None
