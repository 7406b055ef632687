"""Monitors to begin with, by category."""

from tenuto.core.records import Record
from tenuto.packs.monitors.models import Behavior


class Template(Record):
    """A monitor whose words are to be filled in."""

    name: str
    category: str
    search_query: str
    """`{...}` is what to fill in."""
    condition_description: str
    schedule: str
    notify_behavior: Behavior


TEMPLATES = (
    Template(
        name="release",
        category="products",
        search_query="Has {product} been released, and when?",
        condition_description="an official release date or the release itself is announced",
        schedule="12 hours",
        notify_behavior="once",
    ),
    Template(
        name="price",
        category="shopping",
        search_query="What does {product} cost at {shop} now?",
        condition_description="the price is below {amount}",
        schedule="6 hours",
        notify_behavior="track_state",
    ),
    Template(
        name="availability",
        category="shopping",
        search_query="Is {product} in stock at {shop}?",
        condition_description="it can be ordered now",
        schedule="1 hour",
        notify_behavior="once",
    ),
    Template(
        name="version",
        category="software",
        search_query="Which is the newest stable version of {software}?",
        condition_description="there is a stable version",
        schedule="0 9 * * *",
        notify_behavior="track_state",
    ),
    Template(
        name="advisory",
        category="software",
        search_query="Which security advisories are there for {software}?",
        condition_description="an advisory of high or critical severity is open",
        schedule="6 hours",
        notify_behavior="track_state",
    ),
    Template(
        name="rule",
        category="regulation",
        search_query="What has {authority} decided about {matter}?",
        condition_description="a final decision is published",
        schedule="0 8 * * mon-fri",
        notify_behavior="track_state",
    ),
    Template(
        name="event",
        category="events",
        search_query="When does the sale of tickets for {event} begin?",
        condition_description="a date is announced or the sale has begun",
        schedule="12 hours",
        notify_behavior="once",
    ),
)
