"""Statements of one account in the order their balances tell."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby, pairwise

from tenuto.activities.fetch.statements.pages import Statement

_REMEDY = "have the bank send the statements in between, then check all of them again"


def chained(statements: Sequence[Statement], previous: Decimal | None) -> list[Statement]:
    """The statements in order of day and, within a day, of balances.

    `statements` are sorted as `assembled` gives them. Within a day neither number nor time is to
    be trusted. Every statement that does not open
    with the balance before it is held. `previous` is the closing balance of the last statement
    that was accepted before; without one the first statement starts the chain.
    """
    ordered: list[Statement] = []
    balance = previous
    before: Statement | None = None
    for _, same_day in groupby(statements, key=lambda s: s.day):
        for statement in _by_balance(list(same_day), balance):
            _check_link(statement, before, balance)
            ordered.append(statement)
            balance, before = statement.closing, statement
    return ordered


def _check_link(statement: Statement, before: Statement | None, balance: Decimal | None) -> None:
    if before is None and balance is None:
        return
    told = f"`{before.statement_id}`" if before else "the last one accepted"
    if balance is None:
        found = f"the statement before it, {told}, is not complete, so nothing proves its opening"
        statement.hold("chain", found, _REMEDY)
    elif statement.opening is not None and statement.opening != balance:
        found = (
            f"it opens with {statement.opening}, and the one before, {told}, closes with {balance}"
        )
        statement.hold("chain", found, _REMEDY)


def _by_balance(statements: list[Statement], balance: Decimal | None) -> list[Statement]:
    """One day's statements so that each opens where another closed, if there is such an order.

    Balances are the nodes and statements the edges of a graph; the order is a path over every
    edge (Hierholzer 1873).
    """
    if len(statements) < 2 or any(s.opening is None or s.closing is None for s in statements):
        return statements
    path = _path(statements, _start(statements, balance))
    return (
        path if _is_joined(path) and len(path) == len(statements) else _greedy(statements, balance)
    )


def _start(statements: list[Statement], balance: Decimal | None) -> Decimal | None:
    openings = [s.opening for s in statements]
    if balance in openings:
        return balance
    closings = [s.closing for s in statements]
    only_opens = [o for o in openings if openings.count(o) > closings.count(o)]
    return only_opens[0] if only_opens else openings[0]


def _path(statements: list[Statement], start: Decimal | None) -> list[Statement]:
    leaving: dict[Decimal | None, list[Statement]] = defaultdict(list)
    for statement in reversed(statements):
        leaving[statement.opening].append(statement)
    stack: list[tuple[Decimal | None, Statement | None]] = [(start, None)]
    path: list[Statement] = []
    while stack:
        node, edge = stack[-1]
        if leaving[node]:
            following = leaving[node].pop()
            stack.append((following.closing, following))
        else:
            stack.pop()
            if edge is not None:
                path.append(edge)
    return path[::-1]


def _is_joined(path: list[Statement]) -> bool:
    return all(a.closing == b.opening for a, b in pairwise(path))


def _greedy(statements: list[Statement], balance: Decimal | None) -> list[Statement]:
    left = list(statements)
    ordered: list[Statement] = []
    while left:
        following = next((each for each in left if each.opening == balance), left[0])
        left.remove(following)
        ordered.append(following)
        balance = following.closing
    return ordered
