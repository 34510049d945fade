"""What a publisher's own tests need: the contract as a test class, and real places to judge it by.

    class TestBoard(PublisherContract):
        place, account = ...            # two fixtures; docs/tutorial/publisher.md builds one

pytest is needed here and nowhere else.
"""

from __future__ import annotations

import pytest

# Before the import: pytest explains a failed assertion only in modules that it was told of.
pytest.register_assert_rewrite("geoalert.testing.contract")

from geoalert.testing.contract import PublisherContract  # noqa: E402
from geoalert.testing.http_place import Asked, HttpPlace, Reply  # noqa: E402
from geoalert.testing.place import Arrived, Expected, Place, Watched, image  # noqa: E402

__all__ = ["Arrived", "Asked", "Expected", "HttpPlace", "Place", "PublisherContract", "Reply", "Watched", "image"]
"""The public names, sorted."""
