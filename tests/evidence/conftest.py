"""One signed, sent and recalled alert, made once: its folder is read by many tests and changed by none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.alerts import signed_project, told


@pytest.fixture(scope="session")
def recalled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's folder."""
    folder = tmp_path_factory.mktemp("recalled")
    told(folder, key=signed_project(folder)).close()
    return folder


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The alert's evidence."""
    folder = tmp_path_factory.mktemp("full")
    with told(folder, key=signed_project(folder)) as desk:
        return desk.evidence("S1", by="a.auditor")
