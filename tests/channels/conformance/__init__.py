"""What every channel must do, whatever its service: one suite, run on each channel.

A channel passes with an ``OtherSide`` of its own (``other_side.py``) and a class derived from
``Conformance`` (``suite.py``).
"""

import pytest

pytest.register_assert_rewrite("tests.channels.conformance.suite")
