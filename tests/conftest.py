"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# The same examples on every run: a failure here is a failure everywhere, and CI takes the same time each day.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60,
                          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.load_profile("suite")
