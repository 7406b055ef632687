"""Which table a prefix of files is loaded into."""

import re


def table_of(prefix: str) -> str:
    """`orders-create` gives `orders_create`."""
    return re.sub(r"\W+", "_", prefix.strip("/")).lower()
