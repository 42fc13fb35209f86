"""Reports: reads verdicts and exchanges, and decides nothing."""
