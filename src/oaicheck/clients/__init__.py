"""Real clients as judges: installs them, runs them, says what their user got."""
