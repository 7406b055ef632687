"""The general spreading limits of UCITS, Directive 2009/65/EC Article 52, ready to use.

What falls under other limits (public issuers, covered bonds, index funds: Art. 52(3), 52(4), 53)
is kept out by the `where` of each limit, in the columns of your own positions.
"""

from decimal import Decimal

from tenuto.catalog.library.validate.limits import Cap, LargeHoldings


def five_ten_forty(issuer: str, where: str | None = None) -> tuple[Cap, LargeHoldings]:
    """At most 10 % in one issuing body, and at most 40 % in bodies above 5 % each together.

    Transferable securities and money market instruments; Art. 52(1)(a) with 52(2) first
    subparagraph. `issuer` is the column that names the body, `where` what counts.
    """
    return (
        Cap(
            id="ucits-issuer-10",
            source="Directive 2009/65/EC Art. 52(2)",
            by=issuer,
            where=where,
            maximum=Decimal("0.10"),
        ),
        LargeHoldings(
            id="ucits-above-5-at-most-40",
            source="Directive 2009/65/EC Art. 52(2)",
            by=issuer,
            where=where,
            above=Decimal("0.05"),
            maximum=Decimal("0.40"),
        ),
    )


def deposits_20(institution: str, where: str) -> Cap:
    """At most 20 % in deposits made with the same body; Art. 52(1)(b)."""
    return Cap(
        id="ucits-deposits-20",
        source="Directive 2009/65/EC Art. 52(1)(b)",
        by=institution,
        where=where,
        maximum=Decimal("0.20"),
    )


def single_body_20(body: str) -> Cap:
    """At most 20 % in one body, securities, deposits and OTC exposure together.

    Art. 52(2) second subparagraph; the positions hold the exposure of each kind as rows of their
    own. With the column of the group of companies instead of the body: Art. 52(5).
    """
    return Cap(
        id="ucits-body-20",
        source="Directive 2009/65/EC Art. 52(2)",
        by=body,
        maximum=Decimal("0.20"),
    )
