"""Reports: turns verdicts and exchanges into files and pages, and judges nothing itself."""
