"""Real clients as judges: installs them, runs them, and reports what their users get."""
