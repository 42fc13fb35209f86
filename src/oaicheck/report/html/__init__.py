"""Pages for people: report.html and the comparison."""
