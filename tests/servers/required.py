"""What happens when a server that tests need is not installed."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skips with ``reason``; in CI, where everything must have been tested, fails instead."""
    if os.environ.get("PFINBOX_REQUIRE_SERVERS") == "1":
        pytest.fail(f"{reason}, and PFINBOX_REQUIRE_SERVERS=1 does not let this be skipped")
    pytest.skip(reason)
