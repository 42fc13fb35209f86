"""`python -m oaicheck`."""

from oaicheck.cli import main

raise SystemExit(main())
