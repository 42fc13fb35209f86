"""Files for programs: report.json, JUnit, SARIF and the badge."""
