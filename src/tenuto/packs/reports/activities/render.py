"""`reports.render`: one channel's texts, pictures, and files, and the message made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import JsonValue

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.canonical import canonical_sha256
from tenuto.core.references import Dataset, Document
from tenuto.packs.reports import catalog
from tenuto.packs.reports.activities import messages
from tenuto.packs.reports.activities.charts import drawn, picture
from tenuto.packs.reports.activities.files import put_report_pdf, put_report_workbook
from tenuto.packs.reports.activities.open_report import kept
from tenuto.packs.reports.activities.tables import table_part
from tenuto.packs.reports.definition import Bundle, Text
from tenuto.packs.reports.handoffs import RenderedChannel, RenderRequest
from tenuto.packs.reports.models import Channel
from tenuto.packs.reports.parameters import Values, params_of
from tenuto.packs.reports.rendering.figures import Figures
from tenuto.packs.reports.rendering.filling import rows_of
from tenuto.packs.reports.rendering.job import Escape, Job, Kind, Part, Picture, TablePart
from tenuto.packs.reports.rendering.missing import Missing
from tenuto.packs.reports.rendering.plain_text import words_of
from tenuto.packs.reports.rendering.process import render as render_apart
from tenuto.packs.reports.zones import zone_of

_KINDS: dict[str, Kind] = {
    "text": "text",
    "integer": "int",
    "number": "decimal",
    "date": "date",
    "boolean": "bool",
}


@implements(catalog.render)
def render(request: RenderRequest) -> RenderedChannel:
    """The message for the channel, and everything it is made of as stored files.

    Raises what `rendering.process.render`, `charts.drawn`, and `messages` raise.
    """
    store = current_store()
    bundle = kept(request.bundle, store)
    return Rendering(bundle, request.params, request.tables, store).of(request.channel)


@dataclass(frozen=True)
class Rendering:
    """A report with its rows, ready to be put into the form of any channel."""

    bundle: Bundle
    params: Values
    tables: Mapping[str, Dataset]
    store: ArtifactStore

    def of(self, channel: Channel) -> RenderedChannel:
        """The form of one channel. Raises as `render`."""
        match channel:
            case "email":
                made = self._email()
            case "slack" | "teams" | "chat":
                made = self._chat(channel)
            case "sms":
                made = self._sms()
            case "webhook":
                made = self._webhook()
            case "file":
                made = self._file()
        said = made.message.model_dump(mode="json")
        return made.model_copy(update={"digest": canonical_sha256(said)})

    def _email(self) -> RenderedChannel:
        template = self.bundle.report.templates.email
        assert template is not None  # noqa: S101 (checked on opening)
        pictures = self._pictures
        parts = {
            "subject": _part(template.subject, "plain"),
            "html": _part(template.mjml, "html", is_mjml=True),
        }
        if template.text is not None:
            parts["text"] = _part(template.text, "plain")
        texts = self._filled(parts, pictures)
        text = texts.get("text") or words_of(texts["html"])
        used = tuple(each for each in pictures if f"cid:{each.name}" in texts["html"])
        files = self._files(template.attach)
        message = messages.email(
            self.bundle.report, texts["subject"], text, texts["html"], used, files
        )
        written = [
            self._put("email.html", texts["html"], "text/html"),
            self._put("email.txt", text, "text/plain"),
        ]
        return RenderedChannel(message=message, documents=(*written, *used, *files), digest="")

    def _chat(self, channel: Channel) -> RenderedChannel:
        template = getattr(self.bundle.report.templates, channel)
        escape: Escape = "slack" if channel == "slack" else "markdown"
        texts = self._filled(
            {"title": _part(template.title, "plain"), "text": _part(template.text, escape)}
        )
        message = messages.chat(self.bundle.report, texts["title"], texts["text"])
        written = self._put(
            f"{channel}.md", f"{message.subject}\n\n{message.text}", "text/markdown"
        )
        return RenderedChannel(message=message, documents=(written,), digest="")

    def _sms(self) -> RenderedChannel:
        template = self.bundle.report.templates.sms
        assert template is not None  # noqa: S101 (checked on opening)
        texts = self._filled({"text": _part(template, "plain")})
        message = messages.sms(self.bundle.report, template, texts["text"])
        written = self._put("sms.txt", message.short, "text/plain")
        return RenderedChannel(message=message, documents=(written,), digest="")

    def _webhook(self) -> RenderedChannel:
        template = self.bundle.report.templates.webhook
        assert template is not None  # noqa: S101 (checked on opening)
        if template.json_ is None:
            data = self._facts
        else:
            texts = self._filled({"json": _part(template.json_, "json")})
            data = messages.facts_of(template.json_, texts["json"])
        message = messages.webhook(self.bundle.report, template.type, data)
        written = self.store.put_json(message.data, name="webhook.json")
        return RenderedChannel(message=message, documents=(written,), digest="")

    def _file(self) -> RenderedChannel:
        template = self.bundle.report.templates.file
        assert template is not None  # noqa: S101 (checked on opening)
        files = self._files(template.formats)
        message = messages.files(self.bundle.report, self._about, files)
        return RenderedChannel(message=message, documents=files, digest="")

    def _filled(self, parts: dict[str, Part], pictures: Sequence[Document] = ()) -> dict[str, str]:
        report = self.bundle.report
        job = Job(
            parts=parts,
            files=self.bundle.files,
            report={
                "name": report.name,
                "title": report.heading,
                "description": report.description,
            },
            params=self.params,
            param_kinds={name: _KINDS[param.type] for name, param in params_of(report).items()},
            tables=self._parts,
            pictures=tuple(
                Picture(name=chart.name, title=chart.title, alt=made["alt"], src=f"cid:{each.name}")
                for chart, made, each in zip(
                    report.charts, self._charts, pictures, strict=bool(pictures)
                )
            ),
            locale=self.bundle.locale,
            time_zone=self.bundle.time_zone,
            currency=report.currency,
            missing=report.missing,
        )
        return render_apart(job, report=report.name)

    def _files(self, formats: Sequence[str]) -> tuple[Document, ...]:
        made = []
        if "pdf" in formats:
            missing = self._figures.missing
            made.append(
                put_report_pdf(
                    self.store,
                    self.bundle.report,
                    {name: rows_of(part, missing) for name, part in self._parts.items()},
                    {name: part.columns for name, part in self._parts.items()},
                    self._charts,
                    about=self._about,
                    dated=self._day,
                    figures=self._figures,
                )
            )
        if "xlsx" in formats:
            made.append(
                put_report_workbook(self.store, self.bundle.report, self.tables, dated=self._day)
            )
        return tuple(made)

    def _put(self, name: str, text: str, media_type: str) -> Document:
        return self.store.put_bytes(text.encode(), name=name, media_type=media_type)

    @cached_property
    def _parts(self) -> dict[str, TablePart]:
        shown = self.bundle.report.rows_shown
        return {name: table_part(self.store, each, shown) for name, each in self.tables.items()}

    @cached_property
    def _charts(self) -> list[dict[str, Any]]:
        return [
            drawn(
                each,
                self.tables[each.query],
                self.store,
                self._figures,
                self.bundle.report.currency,
            )
            for each in self.bundle.report.charts
        ]

    @property
    def _pictures(self) -> tuple[Document, ...]:
        return tuple(
            picture(made, name=chart.name, dated=self._day, store=self.store)
            for chart, made in zip(self.bundle.report.charts, self._charts, strict=True)
        )

    @cached_property
    def _figures(self) -> Figures:
        zone = zone_of(self.bundle.time_zone)
        assert zone is not None  # noqa: S101 (checked on reading)
        report = self.bundle.report
        return Figures(
            locale=self.bundle.locale,
            zone=zone,
            currency_code=report.currency,
            missing=Missing(report.missing),
        )

    @property
    def _day(self) -> date:
        return date.fromisoformat(str(self.params["date"]))

    @property
    def _about(self) -> str:
        """The parameters, in words: `Jan 31, 2024, client ACME`."""
        others = [
            f"{name} {self._figures.text(value)}"
            for name, value in self.params.items()
            if name != "date"
        ]
        return ", ".join([str(self._figures.date(self._day)), *others])

    @property
    def _facts(self) -> dict[str, JsonValue]:
        """What a program is told unless a template says otherwise: the rows that are shown."""
        return {
            "report": self.bundle.report.name,
            "params": dict(self.params),
            "tables": {
                name: {
                    "rows": [dict(zip(part.columns, row, strict=True)) for row in part.rows],
                    "total": part.total,
                    "more": part.total - len(part.rows),
                }
                for name, part in self._parts.items()
            },
        }


def _part(text: Text, escape: Escape, *, is_mjml: bool = False) -> Part:
    return Part(text=text.text, name=text.name, line=text.line, escape=escape, is_mjml=is_mjml)
