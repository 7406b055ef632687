"""The receiver: the ASGI application that takes webhooks and events."""
