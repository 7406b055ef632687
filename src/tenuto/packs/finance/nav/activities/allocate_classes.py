"""Step 6: the fund's NAV, class by class and per unit."""

from tenuto.catalog import implements
from tenuto.core.money import difference, total
from tenuto.packs.finance.math.classes import roll_units, value_class
from tenuto.packs.finance.math.performance import LAUNCH_INDEX
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.dealing import with_dealing
from tenuto.packs.finance.nav.activities.deals import opening_units
from tenuto.packs.finance.nav.activities.fixings import base_per_local, rate_of
from tenuto.packs.finance.nav.activities.opened import OpenStrike, open_strike
from tenuto.packs.finance.nav.handoffs import (
    AllocateClassesRequest,
    AllocatedClasses,
    ClassCapital,
    ClassGross,
)
from tenuto.packs.finance.nav.parts import ClassNav, Performance, Return

_UNMEASURED = Return(value=None, missing="Not measured yet.")


@implements(catalog.allocate_classes)
def allocate_classes(request: AllocateClassesRequest) -> AllocatedClasses:
    """Each class's NAV is its part of the assets less its own fees; they add up to the fund's.

    Where the fund swings, the NAVs per unit are those that investors deal at.

    Raises DataError `nav.zero-units` and `nav.negative`.
    """
    opened = open_strike(request.strike)
    capital = {each.class_id: each for each in request.balances.capital}
    unswung = [
        _class_nav(opened, share, capital[share.class_id], request) for share in request.fees.shares
    ]
    fund = request.strike.fund
    classes = with_dealing(
        opened,
        unswung,
        base_per_local(request.strike.fx, fund.base_currency),
        opened.store.get_table(request.positions.positions),
    )
    return AllocatedClasses(nav=total(each.nav_base for each in classes), classes=classes)


def _class_nav(
    opened: OpenStrike,
    share: ClassGross,
    capital: ClassCapital,
    request: AllocateClassesRequest,
) -> ClassNav:
    fund = opened.strike.fund
    share_class = next(each for each in fund.classes if each.class_id == share.class_id)
    own_fees = total(
        each.amount for each in request.fees.accruals if each.class_id == share.class_id
    )
    units = roll_units(
        share_class,
        opening_units(opened)[share.class_id],
        subscribed=[capital.subscribed_units],
        redeemed=[capital.redeemed_units],
    )
    nav_base = difference(share.gross, own_fees)
    rates = base_per_local(request.strike.fx, fund.base_currency)
    value = value_class(
        share_class,
        nav_base=nav_base,
        units=units.closing,
        base_per_class=rate_of(rates, share_class.currency),
        rounding=fund.rounding,
    )
    return ClassNav(
        class_id=share.class_id,
        name=share_class.name,
        currency=share_class.currency,
        opening_units=units.opening,
        subscribed_units=units.subscribed,
        redeemed_units=units.redeemed,
        units=units.closing,
        weight=share.weight,
        capital=capital.amount,
        gross=share.gross,
        fees=own_fees,
        hedge_result=total(
            each.result for each in request.balances.hedges if each.class_id == share.class_id
        ),
        nav_base=nav_base,
        nav=value.nav,
        nav_per_unit=value.nav_per_unit,
        nav_per_unit_exact=value.nav_per_unit_exact,
        index=LAUNCH_INDEX,
        performance=Performance(
            daily=_UNMEASURED,
            month_to_date=_UNMEASURED,
            year_to_date=_UNMEASURED,
            since_inception=_UNMEASURED,
        ),
    )
