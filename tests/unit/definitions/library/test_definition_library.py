"""The library: a version is what it was first, and the latest is the highest."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import JsonValue

from compiled_plans import CATALOG, value_of
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import CorruptError, NotFoundError, UsageError
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.digest import digest_of
from tenuto.definitions.library import DefinitionLibrary, Deployed
from tenuto.definitions.plan import Plan


def text(version: str = "1.0.0", *, namespace: str = "n", value: int = 1, more: str = "") -> str:
    return (
        f"document: {{dsl: '1.0.3', namespace: {namespace}, name: w, version: '{version}'}}\n"
        f"{more}do: [{{a: {{set: {{x: {value}}}}}}}]\n"
    )


def read(source: str) -> tuple[JsonValue, Plan]:
    value = value_of(source)
    return value, compile_plan(value, CATALOG)


def deploy(library: DefinitionLibrary, source: str) -> Deployed:
    return library.deploy(source, *read(source))


@pytest.fixture
def library(tmp_path: Path) -> DefinitionLibrary:
    return DefinitionLibrary(ArtifactStore(str(tmp_path)))


def test_what_is_deployed_is_found_with_its_plan_and_its_text(library: DefinitionLibrary) -> None:
    done = deploy(library, text())
    assert library.find("n", "w", "1.0.0") == library.find("n", "w") == done
    assert done.plan == read(text())[1]
    assert done.value == read(text())[0]
    assert done.digest == digest_of(done.plan)
    assert library.source("n", "w") == text()


def test_names_are_told_without_their_versions(library: DefinitionLibrary) -> None:
    assert library.names() == ()
    for source in (text("1.0.0"), text("1.1.0"), text(namespace="a")):
        deploy(library, source)
    assert library.names() == ("a/w", "n/w")


@pytest.mark.parametrize("name", ["..", "${ .n }", "a/../b", "", "x" * 300])
def test_a_name_that_no_store_keeps_is_not_found(library: DefinitionLibrary, name: str) -> None:
    deploy(library, text())
    assert library.find(name, "w") is None
    assert library.find("n", name, "1.0.0") is None
    assert library.find("n", "w", f"{name}/1.0.0") is None


def test_the_same_again_is_no_change_however_it_is_written(library: DefinitionLibrary) -> None:
    done = deploy(library, text())
    assert deploy(library, "# once more\n" + text()) == done
    assert library.source("n", "w") == text()


def test_other_content_needs_another_version(library: DefinitionLibrary) -> None:
    done = deploy(library, text())
    with pytest.raises(UsageError) as refused:
        deploy(library, text(value=2))
    assert refused.value.code == "definition.version-taken"
    assert done.digest in str(refused.value)
    assert digest_of(read(text(value=2))[1]) in str(refused.value)
    assert "next" in str(refused.value)
    assert library.find("n", "w") == done
    deploy(library, text("1.0.1", value=2))


def test_another_schedule_is_other_content_too(library: DefinitionLibrary) -> None:
    deploy(library, text())
    with pytest.raises(UsageError, match="another `schedule`") as refused:
        deploy(library, text(more="schedule: {cron: '0 6 * * *'}\n"))
    assert refused.value.code == "definition.version-taken"


def test_the_latest_is_the_highest_version(library: DefinitionLibrary) -> None:
    for version in ("1.9.0", "1.10.0", "2.0.0-rc.1", "1.2.0"):
        deploy(library, text(version))
    latest = library.find("n", "w")
    assert latest is not None
    assert latest.version == "2.0.0-rc.1"
    deploy(library, text("2.0.0"))
    assert [each.version for each in library.list("n")] == [
        *("1.2.0", "1.9.0", "1.10.0", "2.0.0-rc.1", "2.0.0"),
    ]


def test_the_list_is_of_one_namespace_or_of_all(library: DefinitionLibrary) -> None:
    assert library.list() == ()
    for namespace in ("b", "a", "ab"):
        deploy(library, text(namespace=namespace))
    assert [each.namespace for each in library.list()] == ["a", "ab", "b"]
    assert [each.namespace for each in library.list("a")] == ["a"]


def test_what_is_not_there_is_none_and_its_text_an_error(library: DefinitionLibrary) -> None:
    deploy(library, text())
    assert library.find("n", "w", "9.0.0") is None
    assert library.find("n", "other") is None
    with pytest.raises(NotFoundError, match=r"versions: 1\.0\.0") as missing:
        library.source("n", "w", "9.0.0")
    assert missing.value.code == "definition.not-deployed"


def test_a_version_must_be_one(library: DefinitionLibrary) -> None:
    with pytest.raises(UsageError) as refused:
        deploy(library, text("1.0"))
    assert refused.value.code == "definition.bad-version"
    assert library.list() == ()


def test_a_name_that_something_else_took_is_an_error(library: DefinitionLibrary) -> None:
    other = library.store.put_json({"not": "a definition"}, name="x.json")
    library.store.bind("definitions/n/w/1.0.0", other)
    with pytest.raises(CorruptError) as corrupt:
        library.find("n", "w")
    assert corrupt.value.code == "definition.corrupt-entry"


def test_a_definition_under_a_foreign_name_is_an_error(library: DefinitionLibrary) -> None:
    done = deploy(library, text())
    library.store.bind("definitions/n/w/7.0.0", done.document)
    with pytest.raises(CorruptError):
        library.find("n", "w")


def test_a_changed_digest_is_an_error(library: DefinitionLibrary) -> None:
    done = deploy(library, text())
    stored = library.store.get_json(done.document)
    assert isinstance(stored, dict)
    other = library.store.put_json({**stored, "digest": "0" * 64}, name="x.json")
    library.store.bind("definitions/n/w/3.0.0", other)
    with pytest.raises(CorruptError, match="digest"):
        library.find("n", "w", "3.0.0")


def test_of_many_that_deploy_one_version_at_once_one_definition_succeeds(tmp_path: Path) -> None:
    ready = threading.Barrier(8)

    def race(value: int) -> str:
        source = text(value=value)
        plan = read(source)
        library = DefinitionLibrary(ArtifactStore(str(tmp_path)))
        ready.wait()
        try:
            return library.deploy(source, *plan).digest
        except UsageError as error:
            return error.code

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(race, [1, 2] * 4))
    found = DefinitionLibrary(ArtifactStore(str(tmp_path))).find("n", "w")
    assert found is not None
    winner = said.index(found.digest) % 2
    assert said[winner::2] == [found.digest] * 4
    assert said[1 - winner :: 2] == ["definition.version-taken"] * 4
