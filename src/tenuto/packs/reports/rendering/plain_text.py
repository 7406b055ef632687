"""The words of an HTML e-mail, for readers without HTML."""

import re
from html.parser import HTMLParser

_UNSEEN = {"head", "script", "style", "title"}
_BREAKS = {"br", "div", "h1", "h2", "h3", "h4", "li", "p", "table", "tr", "hr"}
_CELLS = {"td", "th"}


def words_of(html: str) -> str:
    """The text of `html`: a line for each block and row, cells apart, pictures by alt text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [re.sub(r"\s+", " ", line).strip(" |") for line in reader.text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self._break()
        if tag == "img":
            self.text += str(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag in _BREAKS:
            self._break()
        elif tag in _CELLS and not self.text.endswith("\n"):
            self.text += " | "

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.text += data.replace("\n", " ")

    def _break(self) -> None:
        if not self.text.endswith("\n\n"):
            self.text += "\n"
