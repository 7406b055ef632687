"""What definitions can call though it is no activity stands in the catalog, with its schema."""

from tenuto.catalog.entries import ActivityEntry, BuiltinEntry
from tenuto.catalog.library.definitions import entries
from tenuto.catalog.registry import Catalog
from tenuto.cli.entries import describe, summaries
from tenuto.core.pack import Pack
from tenuto.definitions.plan import DEFINITION_ATTRIBUTE
from tenuto.engine.bootstrap import DEFINITION, SEARCH_ATTRIBUTE_TYPES, STATUS
from tenuto.engine.registration import load_catalog
from tenuto.workflows.interpreter import questions

PACK = Pack(name="p", summary="s", catalog=("tenuto.catalog.library.definitions.entries",))


def test_the_catalog_offers_them() -> None:
    catalog = load_catalog([PACK])
    assert isinstance(catalog.entry("human.approval"), BuiltinEntry)
    assert isinstance(catalog.entry("policy.check"), ActivityEntry)
    told = {each["name"]: each for each in summaries(catalog)}
    assert (told["human.approval"]["kind"], told["human.approval"]["queue"]) == ("builtin", None)


def test_an_approval_is_described_with_both_schemas() -> None:
    told = describe(entries.approval)
    assert set(told["input_schema"]["required"]) == {"title", "approvers"}
    assert told["input_schema"]["properties"]["actions"]["default"] == ["approve", "reject"]
    assert set(told["result_schema"]["required"]) == {"decision", "votes"}
    assert "tenuto tasks approve" in told["usage"]


def test_registering_one_twice_changes_nothing() -> None:
    catalog = Catalog([entries.approval, entries.approval])
    assert list(catalog.builtins) == ["human.approval"]


def test_search_attributes_have_one_name_everywhere() -> None:
    assert DEFINITION.name == DEFINITION_ATTRIBUTE
    assert STATUS.name == questions.STATUS_ATTRIBUTE
    assert SEARCH_ATTRIBUTE_TYPES["TenutoAwaits"] == "KeywordList"
