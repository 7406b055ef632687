"""How a pricing run comes to its prices: quotes collected, a price for each, and what speaks
against it. Once more for every source that people leave out."""

from temporalio import workflow

from tenuto.packs.finance.pricing import catalog, refusals
from tenuto.packs.finance.pricing.book import ExceptionBook
from tenuto.packs.finance.pricing.handoffs import (
    CheckedPrices,
    CheckedQuotes,
    CheckPricesRequest,
    CollectQuotesRequest,
    FairValueRequest,
    Pricing,
    SelectPricesRequest,
)
from tenuto.packs.finance.pricing.models import PricingRequest
from tenuto.workflows.progress import Steps


class Examination:
    """The prices of one run as they are proposed now. For workflow code only."""

    def __init__(self, steps: Steps, book: ExceptionBook) -> None:
        self._steps = steps
        self._book = book
        self._pricing: Pricing | None = None
        self._quotes: CheckedQuotes | None = None
        self._proposed: CheckedPrices | None = None

    @property
    def pricing(self) -> Pricing:
        """What is priced, and from which files."""
        assert self._pricing is not None  # noqa: S101 (set by the first step)
        return self._pricing

    @property
    def quotes(self) -> CheckedQuotes:
        """The quotes that may be used."""
        assert self._quotes is not None  # noqa: S101 (set by the second step)
        return self._quotes

    @property
    def proposed(self) -> CheckedPrices:
        """A price for every instrument that has one, and what speaks against them."""
        assert self._proposed is not None  # noqa: S101 (set by the examination)
        return self._proposed

    async def collect(self, request: PricingRequest) -> None:
        """Reads the files. Raises DataError with every problem, UsageError without a version."""
        if request.version is None:
            raise refusals.no_version(request)
        self._steps.begin("reading the files")
        collected = await catalog.collect_quotes(CollectQuotesRequest(request=request))
        if collected.count:
            raise refusals.invalid_inputs(collected)
        self._pricing = Pricing(
            policy=request.policy, date=request.date, version=request.version, inputs=collected
        )

    async def check_quotes(self) -> None:
        """Sets the quotes aside that cannot be used."""
        self._steps.begin("checking the quotes")
        self._quotes = await catalog.check_quotes(self.pricing)

    async def examine(self) -> None:
        """Proposes a price for every instrument and takes over what speaks against it."""
        pricing, quotes = self.pricing, self.quotes
        self._steps.begin("walking the waterfalls")
        selected = await catalog.select_prices(SelectPricesRequest(pricing=pricing, checked=quotes))
        self._steps.begin("pricing what no source gave")
        valued = await catalog.fair_value(
            FairValueRequest(pricing=pricing, checked=quotes, selected=selected)
        )
        self._steps.begin("checking the prices")
        self._proposed = await catalog.check_prices(
            CheckPricesRequest(pricing=pricing, checked=quotes, selected=selected, valued=valued)
        )
        self._book.take(self._proposed.exceptions, workflow.now())

    async def examine_again(self) -> None:
        """The same without the sources that people left out; `progress` counts it once."""
        exclusions = tuple(self._book.exclusions)
        self._pricing = self.pricing.model_copy(update={"exclusions": exclusions})
        done, current = self._steps.done, self._steps.current
        await self.examine()
        self._steps.done, self._steps.current = done, current
