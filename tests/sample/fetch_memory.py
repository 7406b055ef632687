"""Fetches one query in a process of its own and tells by how much its peak memory grew, in MB."""

import json
import resource
import sys

from tenuto.activities.fetch.sql import fetch
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.catalog.library.fetch.sql import FetchSqlRequest


def main() -> None:
    """`fetch_memory STORE URL QUERY`."""
    folder, url, query = sys.argv[1:]
    use_store(open_store(folder))
    password = None if url.startswith("sqlite") else "secret://env/PGPASS"
    fetch(FetchSqlRequest(connection=url, password=password, query="SELECT 1 AS one"))
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = fetch(FetchSqlRequest(connection=url, password=password, query=query))
    growth_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    print(json.dumps({"rows": result.rows, "bytes": result.bytes, "growth_mb": growth_kb // 1024}))


if __name__ == "__main__":
    main()
