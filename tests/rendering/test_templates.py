"""Layouts order words, and reach nothing else."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader

from geoalert.errors import AlertError
from geoalert.rendering import templates
from geoalert.rendering.words import words_in


@pytest.mark.parametrize(
    "written",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ words.__class__.__init__.__globals__ }}",
        "{{ words.table.clear() }}",
        "{{ event|attr('__class__') }}{{ ''.__class__.__base__ }}",
        "{{ nothing_of_that_name }}",
        "{% if %}",
    ],
)
def test_a_layout_that_reaches_for_more_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    """Python's own attributes, changes, unknown names and broken syntax end in one error."""
    environment = templates._environment()
    monkeypatch.setattr(environment, "loader", DictLoader({"odd.txt.j2": written}))

    with pytest.raises(AlertError) as caught:
        templates.lay_out("odd", {"event": "Gas leak"}, words_in("en"))

    assert (caught.value.code, caught.value.value) == ("layout_refused", "odd")


def test_a_layout_of_parts_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same door lets an honest template through."""
    monkeypatch.setattr(templates._environment(), "loader", DictLoader({"odd.txt.j2": "{{ event|sentence }}\n{{ details }}"}))

    assert templates.lay_out("odd", {"event": "Gas leak"}, words_in("en")) == "Gas leak."
