"""What is sent: scenarios, the capabilities that they need, profiles, and random requests."""
