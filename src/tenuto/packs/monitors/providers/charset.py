"""The text of a document, from its bytes and what is said about their encoding."""

import codecs
import re

_TEXT_CODECS = re.compile(
    r"utf-(8|16|32)(-[a-z]+)?|ascii|iso8859-[0-9]+|cp(125[0-8]|874|866|932|949|950)"
    r"|koi8-[rut]|gb2312|gbk|gb18030|big5(hkscs)?|euc_(jp|kr)|shift_jis|iso2022_jp|johab"
)
"""Python's names of what pages are written in. It knows other codecs that are none of text, or
whose cost grows with the square of the length."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_IN_PAGE = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_HEAD = 4096


def decoded(body: bytes, content_type: str) -> str:
    """The body's text: by its byte order mark, else by the header, else by the page's own word.

    Where none of these says, or what they say is no encoding of text: UTF-8 if it is that, else
    what it looks most like. Bytes that do not fit become U+FFFD.
    """
    for mark, codec in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body.decode(codec, errors="replace")
    said = [found[1] for found in (_IN_HEADER.search(content_type),) if found]
    said += [found[1].decode("ascii") for found in (_IN_PAGE.search(body[:_HEAD]),) if found]
    for name in said:
        known = _codec(name)
        if known is not None:
            return body.decode(known, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode(_guessed(body), errors="replace")


def _codec(name: str) -> str | None:
    try:
        python_name = codecs.lookup(name).name
    except LookupError:
        return None
    if not _TEXT_CODECS.fullmatch(python_name):
        return None
    # Browsers read Latin 1 as Windows 1252, so pages are written that way.
    return "cp1252" if python_name in ("iso8859-1", "ascii") else python_name


def _guessed(body: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(body[:_HEAD]).best()
    return (_codec(best.encoding) if best else None) or "cp1252"
