"""Documentation and code name the same things: errors, settings, catalog entries, commands."""

import ast
import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tenuto.cli.program import program

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
ERRORS = ROOT / "docs" / "reference" / "errors.md"


def raised_codes() -> Iterator[str]:
    """Every literal `code="room.reason"` in the sources."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "code":
                for part in ast.walk(node.value):
                    if isinstance(part, ast.Constant) and re.fullmatch(
                        r"[a-z]+(\.[a-z0-9-]+)+", str(part.value)
                    ):
                        yield str(part.value)


def test_every_error_code_has_its_section_and_every_section_its_code() -> None:
    documented = re.findall(r"^### `([^`]+)`$", ERRORS.read_text(), re.MULTILINE)
    assert sorted(set(documented)) == sorted(documented), "a code is documented twice"
    assert set(documented) == set(raised_codes())


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    pages = runpy.run_path(str(ROOT / "docs" / "generate_reference.py"))["pages"]()
    assert isinstance(pages, dict)
    return pages


@pytest.mark.parametrize("page", ["catalog.md", "settings.md", "commands.md"])
def test_generated_pages_are_up_to_date(generated: dict[str, str], page: str) -> None:
    current = (ROOT / "docs" / "reference" / page).read_text()
    assert current == generated[page], "run `python docs/generate_reference.py`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def shown_commands() -> Iterator[tuple[str, str]]:
    """Each `tenuto ...` command line of the documentation, continuation lines joined."""
    for page in PAGES:
        if page.name == "commands.md":
            continue
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
            for line in re.sub(r"\\\n\s*", "", block).splitlines():
                if line.startswith("$ tenuto "):
                    yield page.name, line.removeprefix("$ tenuto ").split(" #")[0].strip()


@pytest.mark.parametrize(("page", "line"), list(shown_commands()))
def test_shown_commands_exist_with_their_options(page: str, line: str) -> None:
    words = shlex.split(line.split(" | ")[0].removesuffix(" &"))
    command: click.Command = program
    context = click.Context(program, info_name="tenuto")
    while words and isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, f"{page}: `tenuto {line}`: no command `{words[0]}`"
        command, context = found, click.Context(found, info_name=words.pop(0), parent=context)
    if command.context_settings.get("ignore_unknown_options"):
        return
    known = {name for param in command.params for name in [*param.opts, *param.secondary_opts]}
    for word in words:
        if word.startswith("--"):
            name = word.split("=")[0]
            assert name in known | {"--help"}, f"{page}: `tenuto {line}`: no option `{name}`"


def test_make_targets_shown_in_the_docs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for page in PAGES:
        for target in re.findall(r"\bmake ([a-z][a-z-]+)\b", page.read_text()):
            if f"`make {target}`" in page.read_text() or f"$ make {target}" in page.read_text():
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: {target}"
