"""Templates: what is missing, what is hostile, what is left out, and where an error stands."""

from typing import Any

import pytest

from tenuto.core.errors import DataError
from tenuto.packs.reports.rendering.filling import fill
from tenuto.packs.reports.rendering.job import Answer, Job, Part, TablePart
from tenuto.packs.reports.rendering.plain_text import words_of
from tenuto.packs.reports.rendering.process import environment_of_child, render

NULLS = ((None, "Acme", "2024-01-31"),)
KNOWN = (("1234.5", "Acme", "2024-01-31"),)


def job(text: str, *, rows: Any = KNOWN, total: int | None = None, **fields: Any) -> Job:
    present = [float(row[0]) for row in rows if row[0] is not None]
    table = TablePart(
        columns={"spend": "decimal", "client": "text", "day": "date"},
        rows=rows,
        total=len(rows) if total is None else total,
        sums={"spend": str(sum(present)) if present else None},
    )
    part = {key: fields.pop(key) for key in ("escape", "is_mjml") if key in fields}
    whole = {"escape": "plain", **part}
    given = {"locale": "en_US", "currency": "USD", "missing": "n/a", **fields}
    return Job(
        parts={"text": Part(text=text, name="reports/spend.yaml", line=5, **whole)},
        files={},
        report={"title": "Spend"},
        params={"date": "2024-01-31"},
        param_kinds={"date": "date"},
        tables={"rows": table},
        time_zone="UTC",
        **given,
    )


def filled(text: str, **fields: Any) -> str:
    answer = fill(job(text, **fields))
    assert answer.flaw is None, answer.flaw
    return answer.parts["text"]


def flaw(text: str, **fields: Any) -> str:
    answer: Answer = fill(job(text, **fields))
    assert answer.flaw is not None, answer.parts
    return f"{answer.flaw.place}: {answer.flaw.message}"


@pytest.mark.parametrize("rows", [NULLS, ()], ids=["nulls", "no rows"])
@pytest.mark.parametrize(
    "expression",
    [
        "row.spend",
        "row.spend | currency",
        "row.spend | number(2)",
        "row.spend | percent",
        "row.spend | int",
        "row.spend | float",
        "row.spend | round(2)",
        "row.spend | abs",
        "row.spend | delta(5)",
        "5 | delta(row.spend)",
        "row.spend * 100",
        "-row.spend + 1",
        "rows | total('spend')",
        "rows | sum(attribute='spend')",
        "rows | map(attribute='spend') | sum",
        "rows | map(attribute='spend') | sum | currency",
    ],
)
def test_sig_13_missing_is_missing_whatever_is_done_with_it(expression: str, rows: Any) -> None:
    assert filled(f"{{{{ {expression} }}}}", rows=rows) == "n/a"


def test_sig_13_zero_is_zero() -> None:
    assert filled("{{ row.spend | currency }}", rows=(("0", "a", None),)) == "$0.00"


def test_sig_13_a_comparison_with_missing_is_an_error_not_an_all_clear() -> None:
    said = flaw("{% if row.spend > 100 %}over{% else %}fine{% endif %}", rows=NULLS)
    assert said.startswith("reports/spend.yaml:5: a missing value is compared")
    asked = "{% if row.spend is missing %}?{% endif %}{% if row.spend is none %}!{% endif %}"
    assert filled(asked, rows=NULLS) == "?!"
    assert filled("{{ row.spend | default('unknown') }}", rows=NULLS) == "unknown"
    assert filled("{{ row.spend }}", rows=NULLS, missing="fehlt") == "fehlt"


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en_US", "$1,234.50 €1,234.50 12.3% +10.0% Jan 31, 2024"),
        ("de_DE", "1.234,50\u00a0$ 1.234,50\u00a0€ 12,3% +10,0% 31.01.2024"),
    ],
)
def test_sig_13_locale_and_currency(locale: str, shown: str) -> None:
    text = (
        "{{ row.spend | currency }} {{ row.spend | currency('EUR') }} {{ 0.123 | percent }} "
        "{{ 110 | delta(100) }} {{ row.day | date }}"
    )
    assert filled(text, locale=locale) == shown


def test_sig_13_delta() -> None:
    assert (
        filled("{{ 90 | delta(100) }} {{ 5 | delta(0) }} {{ 0.05 | delta }}") == "-10.0% n/a +5.0%"
    )


def test_sig_13_an_unknown_column_names_line_and_columns() -> None:
    said = flaw("first\nsecond {{ row.spnd }}")
    assert said == (
        "reports/spend.yaml:6: there is no column `spnd`; did you mean `spend`? columns are "
        "spend, client, day"
    )
    assert "columns are" in flaw("{{ row.spnd }}", rows=())
    assert "columns are" in flaw("{{ rows | total('spnd') }}")


@pytest.mark.parametrize(
    "text",
    [
        "{{ nothing }}",
        "{{ row.client | currency }}",
        "{{ 1 | currency('XQZ') }}",
        "{{ open",
        "{{ 1/0 }}",
    ],
)
def test_sig_13_a_bad_template_is_an_error_at_its_line(text: str) -> None:
    assert flaw(f"first\n{text}").startswith("reports/spend.yaml:6: ")


def test_sig_13_html_is_escaped_and_no_font_is_fetched() -> None:
    mjml = (
        "<mjml><mj-body><mj-section><mj-column><mj-text>{{ row.client }}</mj-text></mj-column>"
        "</mj-section></mj-body></mjml>"
    )
    rows = (("1", "<script>x</script> & <mj-raw>", None),)
    html = filled(mjml, rows=rows, escape="html", is_mjml=True)
    assert "&lt;script&gt;x&lt;/script&gt; &amp; &lt;mj-raw&gt;" in html
    assert "://" not in html.replace("http://www.w3.org", "")
    assert words_of(html) == "<script>x</script> & <mj-raw>\n"
    assert "MJML" in flaw("<mjml><mj-body>", escape="html", is_mjml=True)


@pytest.mark.attack
def test_mjml_includes_no_file_of_the_worker() -> None:
    text = "<mjml><mj-body><mj-include path='/etc/passwd' /></mj-body></mjml>"
    assert "unable to load" in flaw(text, escape="html", is_mjml=True)
    assert "beside the report" in flaw("{% include '/etc/passwd' %}")


def test_values_do_not_become_chat_markup() -> None:
    rows = (("1", "<https://evil.example|*Acme*> & [x](y)", None),)
    assert filled("*{{ row.client }}*", rows=rows, escape="slack") == (
        "*&lt;https://evil.example|*Acme*&gt; &amp; [x](y)*"
    )
    assert "\\[x\\]\\(y\\)" in filled("{{ row.client }}", rows=rows, escape="markdown")


def test_what_is_left_out_is_said_even_where_the_template_forgets_it() -> None:
    lists = "{% for row in rows %}{{ row.client }}{% endfor %}"
    assert filled(lists, total=1_000_000) == "Acme\nand 999,999 more rows"
    assert filled(f"{lists}, {{{{ rows.more }}}} others", total=3) == "Acme, 2 others"
    assert filled("{{ row.client }} of {{ rows | length }}", total=3) == "Acme of 3"
    text = f"<mj-text>{lists}</mj-text>"
    mjml = f"<mjml><mj-body><mj-section><mj-column>{text}</mj-column></mj-section></mj-body></mjml>"
    assert "and 2 more rows" in filled(mjml, total=3, escape="html", is_mjml=True)


def test_a_total_counts_all_rows_and_nothing_else_pretends_to() -> None:
    assert filled("{{ rows | total('spend') }}", total=5) == "1,234.5"
    for text in ("rows | sort(attribute='spend')", "rows | max(attribute='spend')"):
        assert "do it in the query" in flaw(f"{{{{ {text} }}}}", total=5)


@pytest.mark.attack
@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ rows.first._values }}",
        "{{ figures }}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% for i in range(10 ** 9) %}{% endfor %}",
        "{{ params.update({'a': 1}) }}",
    ],
)
def test_a_hostile_template_is_refused(text: str) -> None:
    assert flaw(text).startswith("reports/spend.yaml:5: ")


@pytest.mark.attack
def test_a_template_that_fills_memory_ends_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tenuto.packs.reports.rendering.process.MEMORY_BYTES", 2**28)
    text = (
        "{% set ns = namespace(x='aaaaaaaaaa') %}"
        "{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"
    )
    with pytest.raises(DataError):
        render(job(text), report="spend")


@pytest.mark.attack
def test_the_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-secret")
    assert render(job("{{ row.client }}"), report="spend") == {"text": "Acme"}
    assert not any("secret" in value for value in environment_of_child().values())


@pytest.mark.chaos
def test_a_template_that_loops_for_ever_is_ended() -> None:
    loops = "{% for i in range(99999) %}" * 3 + "{% endfor %}" * 3
    with pytest.raises(DataError, match="took more than"):
        render(job(loops), report="spend")


@pytest.mark.parametrize(
    ("tag", "language"), [("<mjml>", "de-CH"), ('<mjml owa="desktop" lang="fr">', "fr")]
)
def test_an_email_says_its_language(tag: str, language: str) -> None:
    text = f"{tag}<mj-body><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section>"
    made = filled(f"{text}</mj-body></mjml>", escape="html", is_mjml=True, locale="de_CH")
    assert made.startswith(f'<!doctype html><html lang="{language}"')
