"""Who looks for a monitor: a web page itself, or a language model that searches the web."""
