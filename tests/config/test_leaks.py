"""However a project file is damaged, what it holds in confidence stays there."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoalert.config import read_project
from geoalert.errors import ConfigurationError

PLANTED = "swordfish4711"


def shown(err: ConfigurationError) -> str:
    """Returns all that a log, a terminal or an answer could hold of an error."""
    # The traceback's own source lines are the library's code; its messages are what a log keeps.
    chain = [str(line) for line in traceback.format_exception_only(err)]
    cause = err.__cause__
    while cause is not None:
        chain += traceback.format_exception_only(cause)
        cause = cause.__cause__ or cause.__context__
    return f"{''.join(chain)} {err!r} {err.to_dict()}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["password", "api_token", "note"]),
    start=st.integers(0, 1200),
    length=st.integers(0, 40),
    put=st.text(alphabet='=[]{}"\n.#a1-', max_size=5),
)
def test_a_damaged_project_is_read_or_refused_without_its_secret(
    project_file: Callable[..., Path], name: str, start: int, length: int, put: str
) -> None:
    """Cut anywhere and filled with anything: a project, or our own error with its file and without the planted value."""
    path = project_file(('password = "env:GEOALERT_MAIL_PASSWORD"', f'{name} = "{PLANTED}"'))
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:start] + put + text[start + length :], encoding="utf-8")

    try:
        outcome = not read_project(path, environ={}).agency
    except ConfigurationError as err:
        outcome = PLANTED in shown(err) or err.file != str(path)

    assert outcome is False
