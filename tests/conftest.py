"""Settings for the project's own tests."""

from hypothesis import HealthCheck, settings

# How fast the machine is today is no property of the code.
settings.register_profile(
    "oaicheck", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("oaicheck")
