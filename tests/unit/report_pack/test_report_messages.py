"""Alerts in each channel's form, text messages of one segment, and charts with gaps."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from report_desk import changed, write
from tenuto.activities.notify.sms_text import count_segments
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError
from tenuto.engine.settings import Settings
from tenuto.packs.reports.activities import messages
from tenuto.packs.reports.activities.axis import axis_over
from tenuto.packs.reports.activities.charts import drawn, picture
from tenuto.packs.reports.activities.render_alert import render_alert
from tenuto.packs.reports.definition import Chart, Report, Text
from tenuto.packs.reports.reading import read_report
from tenuto.packs.reports.rendering.figures import Figures
from tenuto.packs.reports.rendering.missing import Missing

TEMPLATE = Text(text="x", name="reports/spend.yaml", line=9)
FIGURES = Figures(locale="en_US", zone=ZoneInfo("UTC"), currency_code="USD", missing=Missing("n/a"))


@pytest.fixture
def report(settings: Settings) -> Report:
    return read_report(settings, "spend").report


def test_sig_13_a_long_text_message_is_an_error_that_says_why(report: Report) -> None:
    assert messages.sms(report, TEMPLATE, "a" * 160).short == "a" * 160
    with pytest.raises(DataError, match="has 161 characters, and one of GSM-7 holds 160"):
        messages.sms(report, TEMPLATE, "a" * 161)
    with pytest.raises(DataError, match="UCS-2 holds 70 \\(because of ł\\)"):
        messages.sms(report, TEMPLATE, "ł" + "a" * 70)
    with pytest.raises(DataError, match="empty text"):
        messages.sms(report, TEMPLATE, "  \n ")


def test_typography_of_a_locale_does_not_double_the_price(report: Report) -> None:
    short = messages.sms(report, TEMPLATE, "1\u202f234,50\u00a0€ \u2212 5\u2019").short
    assert short == "1 234,50 € - 5'"
    assert count_segments(short).alphabet == "GSM-7"


def test_a_webhook_template_has_to_make_an_object() -> None:
    assert messages.facts_of(TEMPLATE, '{"a": 1}') == {"a": 1}
    for text in ("{", "[1]"):
        with pytest.raises(DataError, match="reports/spend.yaml:9"):
            messages.facts_of(TEMPLATE, text)


@pytest.mark.parametrize(
    ("level", "told"), [("error", "failure"), ("warning", "warning"), ("info", "info")]
)
def test_sig_13_an_alert_in_every_form(level: Any, told: str) -> None:
    details: dict[str, Any] = {"rows": 0, "day": None, "who": "<!channel> *x* & <b>"}

    def alert(channel: Any, message: str = "No <rows> & no *data*") -> Any:
        return render_alert("Empty", message, level, details, "sync of orders", channel)

    slack = alert("slack")
    assert slack.subject == f"{level.upper()}: Empty"
    assert slack.level == told
    assert "&lt;rows&gt; &amp; no *data*" in slack.text
    assert "*rows:* 0\n*day:* n/a\n*who:* &lt;!channel&gt;" in slack.text
    html = alert("email").html
    assert "No &lt;rows&gt; &amp; no *data*" in html
    assert "&lt;!channel&gt;" in html
    sms = alert("sms", "x" * 500).short
    assert len(sms) == 160
    assert sms.startswith(f"{level.upper()}: Empty. sync of orders: xxx")
    assert alert("webhook").data["details"] == details


def chart_of(store: ArtifactStore, kind: Any, values: list[Any], **fields: Any) -> dict[str, Any]:
    frame = pl.DataFrame(
        {"day": [f"d{at}" for at in range(len(values))], "spend": values},
        schema={"day": pl.String, "spend": pl.Decimal(12, 2)},
    )
    chart = Chart(
        **{
            "name": "c",
            "kind": kind,
            "title": "Spend",
            "label": "day",
            "value": "spend",
            "format": "currency",
            **fields,
        }
    )
    return drawn(chart, store.put_table(frame, name="t"), store, FIGURES, "USD")


def test_a_line_has_gaps_where_there_is_nothing_and_never_falls_to_zero(
    store: ArtifactStore,
) -> None:
    made = chart_of(store, "line", [Decimal(1), Decimal(2), None, Decimal(4)])
    assert [len(each) for each in made["line"]["segments"]] == [2, 1]
    assert made["alt"] == (
        "Line chart: Spend. From $1.00 (d0) to $4.00 (d3); lowest $1.00, highest $4.00; 1 without "
        "a value."
    )


@pytest.mark.parametrize("kind", ["bar", "line"])
@pytest.mark.parametrize(
    ("values", "said"),
    [([None, None], "No values: n/a."), ([], "No rows."), ([Decimal(-3), Decimal(5), None], "")],
)
def test_a_chart_of_nothing_says_so_and_is_drawn(
    store: ArtifactStore, kind: Any, values: list[Any], said: str
) -> None:
    made = chart_of(store, kind, values)
    assert made.get("empty", "") == said
    png = store.get_bytes(picture(made, name="c", dated=date(2024, 1, 1), store=store))
    assert png.startswith(b"\x89PNG")


def test_many_bars_say_how_many_are_left_out(store: ArtifactStore) -> None:
    made = chart_of(store, "bar", [Decimal(at + 1) for at in range(42)])
    assert made["rest"] == "and 12 more"
    with pytest.raises(DataError, match="columns are day, spend"):
        chart_of(store, "bar", [Decimal(1)], value="spnd")
    with pytest.raises(DataError, match="cast it in the query"):
        chart_of(store, "bar", [Decimal(1)], value="day")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        ("250", "550", ["0", "200", "400", "600"]),
        ("1000", "1004", ["1000", "1001", "1002", "1003", "1004"]),
        ("-3", "5", ["-4", "-2", "0", "2", "4", "6"]),
        ("0", "0", ["-1.0", "-0.5", "0", "0.5", "1.0"]),
    ],
)
def test_an_axis_has_round_numbers(low: str, high: str, ticks: list[str]) -> None:
    axis = axis_over(Decimal(low), Decimal(high))
    assert axis.ticks == [Decimal(each) for each in ticks]
    assert 0 <= axis.place(Decimal(low)) <= axis.place(Decimal(high)) <= 1


def test_a_guard_can_be_switched_off(settings: Settings) -> None:
    write(settings.root, "g", changed(guard="off"))
    assert read_report(settings, "g").report.guard == "off"
