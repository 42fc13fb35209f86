"""Text for people: the terminal's summary and Markdown."""
