"""A definition calls plain Temporal code: its arguments are sent one by one."""

import pytest

from plain_tools import tally
from tenuto.catalog.describe import describe_activity
from tenuto.catalog.library.fetch.files import fetch_files
from tenuto.core.problem import Fault, standard_type
from tenuto.definitions.compiling.options import entry_options
from tenuto.workflows.interpreter.child import spread


def test_plain_code_gets_its_arguments_in_order() -> None:
    names = entry_options(describe_activity(tally), {}, "/do/0/weigh").spreads_fields
    assert names == ("item", "weight", "times")
    sent = spread({"weight": "1.5", "item": "gold"}, names, "Activity `tally`")
    assert sent == ["gold", "1.5"]


def test_an_entry_of_the_catalog_gets_one_request() -> None:
    assert entry_options(fetch_files, {}, "/do/0/fetch").spreads_fields is None
    assert spread({"path": "a"}, None, "Activity `fetch.files`") == [{"path": "a"}]


def test_arguments_that_plain_code_does_not_take_are_a_fault_of_the_definition() -> None:
    with pytest.raises(Fault, match="Activity `tally` takes the arguments") as fault:
        spread({"weight": "1.5"}, ("item", "weight"), "Activity `tally`")
    assert fault.value.problem.type == standard_type("validation")
