"""An API on this machine that pages, is busy now and then, and corrects what it said."""

import json
import threading
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from tenuto.testing.loopback import Answer, Received

PAGE = 200
FIRST_DAY = date(2026, 3, 1)
DAYS = 20
PER_DAY = 150
BUSY_AT = (2, 9)
"""Pages that are refused once, with 429."""
_LONGEST_HOLD_S = 60


class Shop:
    """Orders by day, as `GET /orders?since=DAY&page=N` gives them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[int, dict[str, object]] = {}
        self._refused: set[int] = set()
        self.pages = 0
        """Pages that were served."""
        self._held_at = 0
        self._is_reached = threading.Event()
        self._goes_on = threading.Event()
        self.busy = 0
        """Requests that were refused."""
        for number in range(DAYS):
            self._add(FIRST_DAY + timedelta(days=number), PER_DAY)

    @property
    def last_day(self) -> date:
        """The boundary: the cursor of a sync that is done stands here."""
        return FIRST_DAY + timedelta(days=DAYS - 1)

    def orders(self) -> dict[int, tuple[str, int]]:
        """Order id -> day and amount, as the API has them now."""
        with self._lock:
            return {key: (str(o["day"]), int(str(o["amount"]))) for key, o in self._orders.items()}

    def correct(self) -> int:
        """Changes orders of the last day, and adds late ones to it; how many of both."""
        with self._lock:
            last = [each for each in self._orders.values() if each["day"] == str(self.last_day)]
            for order in last[::3]:
                order["amount"] = 99
        late = 25
        self._add(self.last_day, late)
        return len(last[::3]) + late

    def hold(self, more: int) -> None:
        """Lets whoever asks for the page that comes after so many `more` wait for its answer."""
        with self._lock:
            self._held_at = self.pages + more
            self._is_reached.clear()
            self._goes_on.clear()

    def wait_held(self) -> bool:
        """Waits until somebody waits for that page; False where nobody came."""
        return self._is_reached.wait(_LONGEST_HOLD_S)

    def go_on(self) -> None:
        """Answers whoever waits, if he is still there."""
        self._goes_on.set()

    def respond(self, request: Received) -> Answer:
        """One page, or 429."""
        asked = {name: each[0] for name, each in parse_qs(urlsplit(request.path).query).items()}
        page = int(asked["page"])
        with self._lock:
            if page in BUSY_AT and page not in self._refused:
                self._refused.add(page)
                self.busy += 1
                return Answer(status=429, headers={"retry-after": "1"}, body=b"")
            found = [each for each in self._orders.values() if str(each["day"]) >= asked["since"]]
            part = found[(page - 1) * PAGE : page * PAGE]
            self.pages += 1
            is_held = self.pages == self._held_at
            body = json.dumps({"orders": part}).encode()
        if is_held:
            self._is_reached.set()
            self._goes_on.wait(_LONGEST_HOLD_S)
        return Answer(headers={"content-type": "application/json"}, body=body)

    def _add(self, day: date, count: int) -> None:
        with self._lock:
            for _ in range(count):
                key = len(self._orders) + 1
                self._orders[key] = {"id": key, "day": str(day), "amount": key % 50}


def sync_file(url: str) -> str:
    """The project's `sync.yaml`."""
    return f"""\
sources:
  orders:
    kind: rest_api
    client_id: demo
    retry: {{attempts: 20, wait: PT0.2S}}
    config:
      client:
        base_url: {url}
        paginator: {{type: page_number, base_page: 1, total_path: null}}
      resources:
        - name: orders
          primary_key: id
          endpoint:
            path: orders
            data_selector: orders
            incremental: {{cursor_path: day, start_param: since, initial_value: "{FIRST_DAY}"}}
"""
