"""Reports as text: the terminal summary and Markdown."""
