"""The five mistakes after which older runners start anyway, hang, or report success."""

from datetime import timedelta

from definition_texts import definition
from tenuto.catalog import activity
from tenuto.catalog.registry import Catalog
from tenuto.core.records import Record
from tenuto.definitions.check.whole import Checked, check
from tenuto.definitions.findings import Severity


class Strike(Record):
    fund: str


CATALOG = Catalog(
    [
        activity(
            "nav.strike",
            request=Strike,
            result=Strike,
            summary="Strike.",
            queue="nav",
            start_to_close=timedelta(seconds=5),
        )
    ]
)


def _checked(text: str) -> Checked:
    return check(text, "fund.yaml", CATALOG)


def _first_error(text: str) -> str:
    checked = _checked(text)
    assert not checked.is_runnable
    return next(str(each) for each in checked.findings if each.severity is Severity.ERROR)


def test_inv_15_without_a_mistake_it_is_runnable() -> None:
    checked = _checked(definition("- strike: {call: nav.strike, with: {fund: ATLAS}}"))
    assert checked.is_runnable
    assert checked.findings == ()
    assert checked.loaded is not None


def test_inv_15_misspelt_key() -> None:
    checked = _checked(definition("- strike: {call: nav.strike, wiht: {fund: ATLAS}}"))
    assert not checked.is_runnable
    (error,) = (str(each) for each in checked.findings if each.code == "E112")
    assert error.startswith("fund.yaml:4:32 E112 /do/0/strike/wiht `wiht` is not known")
    assert error.endswith("Did you mean `with`?")


def test_inv_15_unknown_block_type() -> None:
    error = _first_error(definition("- both: {parallel: [strike: {call: nav.strike}]}"))
    assert error.startswith("fund.yaml:4:12 E111 /do/0/both/parallel `parallel` is no kind")
    assert error.endswith("Did you mean `fork`?")


def test_inv_15_unknown_activity() -> None:
    error = _first_error(definition("- strike: {call: nav.strik, with: {fund: ATLAS}}"))
    assert error.startswith("fund.yaml:4:20 E201 /do/0/strike/call ")
    assert "`nav.strike`" in error


def test_inv_15_missing_activity_name() -> None:
    error = _first_error(definition("- strike: {call: , with: {fund: ATLAS}}"))
    assert error.startswith("fund.yaml:4:20 E113 /do/0/strike/call `call` is `null`")
    error = _first_error(definition("- strike: {with: {fund: ATLAS}}"))
    assert error.startswith("fund.yaml:4:14 E111 /do/0/strike/with ")
    assert "belongs beside `call`, which is missing" in error


def test_inv_15_broken_yaml() -> None:
    checked = _checked(definition("- strike: {call: nav.strike, with: {fund: ATLAS}"))
    (finding,) = checked.findings
    assert (finding.code, checked.loaded, checked.is_runnable) == ("E001", None, False)


def test_inv_15_findings_come_in_the_order_of_the_file_each_once() -> None:
    checked = _checked(definition("- a: {wait: x}\n- b: {call: nope}\n- c: {set: {}}"))
    places = [(each.line, each.column) for each in checked.findings]
    assert places == sorted(places)
    assert len(set(checked.findings)) == len(checked.findings) == 3


def test_inv_15_warnings_do_not_keep_it_from_running() -> None:
    checked = _checked(definition("- a: {set: {x: 1}, then: end}\n- b: {set: {x: 1}}"))
    assert [each.code for each in checked.findings] == ["W105"]
    assert checked.is_runnable
