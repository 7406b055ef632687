"""Documentation and code name the same things: errors, settings, catalog entries, commands."""

import ast
import re
import runpy
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from tenuto.cli.commands.init import TEMPLATE
from tenuto.cli.lazy import DefaultGroup
from tenuto.cli.program import program

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
ERRORS = ROOT / "docs" / "reference" / "errors.md"
FINANCE = ROOT / "src/tenuto/packs/finance"
PROBLEMS = ("nav.", "pricing.", "reconciliation.", "table.")


def raised_codes() -> Iterator[tuple[str, str | None]]:
    """Each literal `code="room.reason"` in the sources, and the error class it is raised with.

    The class is None where the code is not given to an error directly.
    """
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                raised = called if called.endswith(("Error", "PolicyDenied")) else None
                for keyword in node.keywords:
                    if keyword.arg == "code":
                        yield from ((code, raised) for code in _codes(keyword.value))
            elif names_problems(source) and isinstance(node, ast.Constant):
                yield from ((code, None) for code in _codes(node) if code.startswith(PROBLEMS))


def names_problems(source: Path) -> bool:
    """Whether codes of problems are handed on in `source` without the word `code=`."""
    return source.is_relative_to(FINANCE) and bool({"activities", "inputs"} & set(source.parts))


def _codes(value: ast.AST) -> Iterator[str]:
    for part in ast.walk(value):
        if isinstance(part, ast.Constant) and re.fullmatch(
            r"[a-z]+(\.[a-z0-9-]+)+", str(part.value)
        ):
            yield str(part.value)


def error_sections() -> list[tuple[str, str]]:
    """Code and text of each section, in the order of the page."""
    _, *sections = re.split(r"^### `([^`]+)`$", ERRORS.read_text(), flags=re.MULTILINE)
    return list(zip(sections[::2], sections[1::2], strict=True))


def test_every_error_code_has_its_section_and_every_section_its_code() -> None:
    documented = [code for code, _ in error_sections()]
    assert sorted(set(documented)) == sorted(documented), "a code is documented twice"
    assert set(documented) == {code for code, _ in raised_codes()}


def test_an_error_section_names_the_classes_it_is_raised_with() -> None:
    told = {
        code: set(re.findall(r"`(\w+Error|PolicyDenied)`", text.partition("\n## ")[0]))
        for code, text in error_sections()
    }
    for code, raised in raised_codes():
        assert raised is None or raised in told[code], f"`{code}` is raised as {raised}"


def test_error_sections_are_in_alphabetical_order() -> None:
    for group in ERRORS.read_text().split("\n## ")[1:]:
        codes = re.findall(r"^### `([^`]+)`$", group, re.MULTILINE)
        assert codes == sorted(codes)


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    pages = runpy.run_path(str(ROOT / "docs" / "generate_reference.py"))["pages"]()
    assert isinstance(pages, dict)
    return pages


@pytest.mark.parametrize("page", ["catalog.md", "commands.md", "definitions.md", "settings.md"])
def test_generated_pages_are_up_to_date(generated: dict[str, str], page: str) -> None:
    current = (ROOT / "docs" / "reference" / page).read_text()
    assert current == generated[page], "run `python docs/generate_reference.py`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def shown_commands() -> Iterator[object]:
    """Each `tenuto ...` command line of the documentation, continuation lines joined."""
    for page in PAGES:
        if page.name == "commands.md":
            continue
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
            for shown in re.sub(r"\\\n\s*", "", block).splitlines():
                if shown.startswith("$ tenuto "):
                    line = shown.removeprefix("$ tenuto ").split(" #")[0].strip()
                    yield pytest.param(page, line, id=f"{page.name}: {line}")


@pytest.fixture
def shown_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes the current folder the project of a page: the Python files that it shows by name, or
    what `tenuto init` writes."""

    def make(page: Path) -> None:
        files = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", page.read_text(), re.DOTALL))
        template = (TEMPLATE / "workflows.py.template").read_text()
        for name, text in (files or {"workflows": template}).items():
            monkeypatch.delitem(sys.modules, name, raising=False)
            (tmp_path / f"{name}.py").write_text(text)
        (tmp_path / "tenuto.toml").write_text(f"modules = {list(files or ['workflows'])}\n")
        monkeypatch.setattr(sys, "path", list(sys.path))
        monkeypatch.chdir(tmp_path)

    return make


@pytest.mark.parametrize(("page", "line"), list(shown_commands()))
def test_shown_commands_exist_with_their_options(
    page: Path, line: str, shown_project: Callable[[Path], None]
) -> None:
    shown_project(page)
    words = shlex.split(re.split(r" ?(?:[;|&>]|2>)", line)[0])
    command: click.Command = program
    context = click.Context(program, info_name="tenuto")
    while words and isinstance(command, click.Group):
        if isinstance(command, DefaultGroup) and words[0] not in command.commands:
            words.insert(0, command.default)
        found = command.get_command(context, words[0])
        assert found is not None, f"{page.name}: `tenuto {line}`: no command `{words[0]}`"
        command, context = found, click.Context(found, info_name=words.pop(0), parent=context)
    if command.context_settings.get("ignore_unknown_options"):
        return
    known = {name for param in command.params for name in [*param.opts, *param.secondary_opts]}
    for word in words:
        if word.startswith("-") and word != "-":
            name = word.split("=")[0]
            assert name in known | {"--help"}, f"{page.name}: `tenuto {line}`: no option `{name}`"


def test_make_targets_shown_in_the_docs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for page in PAGES:
        for target in re.findall(r"\bmake ([a-z][a-z-]+)\b", page.read_text()):
            if f"`make {target}`" in page.read_text() or f"$ make {target}" in page.read_text():
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: {target}"
