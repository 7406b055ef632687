"""What happens elsewhere starts runs here: webhooks, CloudEvents, and files that arrive."""
