"""Tokens are kept whole, privately, and by several processes at once."""

from __future__ import annotations

import stat
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from geoalert.config import TokenStore
from geoalert.errors import ConfigurationError
from geoalert.publishing import Token

SECRET = "t0k3n-never-shown"


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    """A store whose folder does not exist yet."""
    return TokenStore(tmp_path / "state" / "tokens" / "page.json")


def test_a_token_comes_back_with_its_end(store: TokenStore, now: datetime) -> None:
    """Another store on the same file reads what was put, and the other tokens stay."""
    store.put("access", SECRET, now + timedelta(hours=1))
    store.put("refresh", "r", None)

    again = TokenStore(store.path)

    assert again.get("access") == Token(SECRET, now + timedelta(hours=1))
    assert again.get("refresh") == Token("r", None)
    assert again.get("other") is None
    assert again.names() == ("access", "refresh")


def test_only_the_owner_reads_it(store: TokenStore) -> None:
    """The file has mode 0600, its folder 0700, before the first byte of a token is in it."""
    store.put("access", SECRET, None)

    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (f"not json {SECRET}", 0o600, "tokens_unreadable"),
        (f'{{"tokens": {{"a": "{SECRET}"}}}}', 0o600, "tokens_unreadable"),
        (f'{{"tokens": ["{SECRET}"]}}', 0o600, "tokens_unreadable"),
        ('{"tokens": {}}', 0o644, "tokens_not_private"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_without_showing_it(store: TokenStore, content: str, mode: int, code: str) -> None:
    """The error names the file and what to do, never a piece of a token."""
    store.path.parent.mkdir(parents=True)
    store.path.write_text(content)
    store.path.chmod(mode)

    with pytest.raises(ConfigurationError) as caught:
        store.get("access")

    assert caught.value.code == code
    assert SECRET not in repr(caught.value) + str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


def test_several_writers_lose_nothing(store: TokenStore) -> None:
    """Each puts its own token at the same time; all are there afterwards."""
    writers = [threading.Thread(target=TokenStore(store.path).put, args=(f"n{number}", SECRET, None)) for number in range(12)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(store.names()) == 12


def test_what_is_shown_of_it_holds_no_token(store: TokenStore, now: datetime) -> None:
    """Neither the store nor a token shows a value."""
    store.put("access", SECRET, now)

    assert SECRET not in repr(store) + repr(store.get("access"))


def test_an_end_without_a_zone_is_refused() -> None:
    """Times are aware everywhere."""
    with pytest.raises(ValueError, match="aware"):
        Token("x", datetime(2027, 1, 1))  # noqa: DTZ001


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "tokens").write_text("")

    with pytest.raises(ConfigurationError) as caught:
        TokenStore(tmp_path / "tokens" / "page.json").put("access", SECRET, None)

    assert caught.value.code == "tokens_unwritable"
