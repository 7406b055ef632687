"""Data of the workflows that tests of the gate run."""

from tenuto.core.records import Record


class Payment(Record):
    """Money to somebody."""

    to: str
    amount: str = "10.00"
    note: str = ""


class Paid(Record):
    """What came of it."""

    to: str


class Rounds(Record):
    """So many payments, each in a history of its own, or each as a child."""

    to: str
    left: int = 1


class Approve(Record):
    """Who says yes."""

    by: str
    amount: str = "0"
