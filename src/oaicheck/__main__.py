"""`python -m oaicheck`."""

from oaicheck.cli.main import main

raise SystemExit(main())
