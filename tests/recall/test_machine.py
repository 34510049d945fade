"""Any order of hold, send, update, recall and lost answers: judged by what the places themselves show."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from geoalert.errors import NotSent, OutcomeUnknown, PlanError
from geoalert.plan import Plan
from tests.app.places import ABLE, Evening
from tests.app.project import ALERT

TIDY = ("deletes", "edits", "drops")
"""Places where an update leaves one post."""
AGES = ("25-35", "26-36", "27-37", "28-38", "29-39")
LOST = OutcomeUnknown("no answer", code="read_timeout")
REFUSED = NotSent("refused", code="refused")


class Life(RuleBasedStateMachine):
    """One alert among five places; a fault is scripted only where a later look settles it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.evening = Evening(self.folder / "p", ABLE, alert=ALERT.replace("2027-03-14T06", "2027-05-14T06"))
        self.plans: list[Plan] = []
        self.sent = 0
        self.held = False
        self.because: str | None = None
        self.age = 0

    def teardown(self) -> None:
        """Lets go of the project."""
        self.evening.desk.close()
        shutil.rmtree(self.folder)

    @initialize()
    def plan(self) -> None:
        """The first revision, approved."""
        self.plans = [self.evening.planned()]

    @precondition(lambda self: self.because is None)
    @rule(
        name=st.sampled_from(["deletes", "edits", "threads", "drops", "bare"]),
        effect=st.booleans(),
    )
    def break_next(self, name: str, effect: bool) -> None:
        """The next request is refused, or, where the place can be asked, loses its answer."""
        lost = name == "deletes"
        self.evening.places[name].faults = [(effect and lost, LOST if lost else REFUSED)]

    @rule()
    def send(self) -> None:
        """Sends the newest plan, as often as one likes."""
        try:
            self.evening.desk.send(self.plans[-1])
        except PlanError as err:
            assert err.code == "illegal_step", err  # noqa: PT017
            assert self.because
        else:
            assert self.because is None
            self.sent = len(self.plans)

    @precondition(lambda self: self.sent > 1)
    @rule()
    def send_late(self) -> None:
        """An old revision never leaves."""
        try:
            self.evening.desk.send(self.plans[0])
        except PlanError as err:
            assert err.code in ("revision_late", "illegal_step")  # noqa: PT017
        else:
            raise AssertionError("an old revision was taken")

    @precondition(lambda self: self.sent == len(self.plans) and self.sent and self.because is None and self.age < len(AGES) - 1)
    @rule()
    def update(self) -> None:
        """Plans and approves the next revision."""
        self.plans.append(self.evening.updated((AGES[self.age], AGES[self.age + 1])))
        self.age += 1
        self.held = False

    @rule()
    def hold(self) -> None:
        """Stops what is queued through the newest plan."""
        self.evening.desk.hold("S1", by="w.clerk", reason="stop")
        self.held = True

    @precondition(lambda self: self.held and self.evening.desk.standpoint("S1").held is not None)
    @rule()
    def release(self) -> None:
        """Lets it go on."""
        self.evening.desk.release("S1", by="w.clerk", reason="go on")
        self.held = False

    @precondition(lambda self: self.sent)
    @rule(because=st.sampled_from(["arrested", "error"]))
    def recall(self, because: str) -> None:
        """Closes it, or corrects it after it was closed."""
        try:
            self.evening.desk.recall("S1", because=because, by="w.clerk")
        except PlanError as err:
            assert (err.code, self.because, because) == ("already_closed", "error", "arrested")  # noqa: PT017
        else:
            self.because = because

    @rule()
    def work(self) -> None:
        """Time goes on, and another process works."""
        self.evening.later(hours=1)
        with self.evening.opened() as other:
            other.work()

    @precondition(lambda self: self.because)
    @rule()
    def settle_down(self) -> None:
        """After a recall and some hours of work nothing of the alert is left that could be taken away, and everybody was told."""
        for _ in range(3):
            self.work()
        for name in ("deletes", "drops"):
            words = {text for texts in self._closings(name) for text in texts.values()}
            assert all(text in words for text in self.evening.places[name].texts(f"{name}-page")), name
        assert all("CLOSED" in text or "CORRECTION" in text for text in self.evening.places["edits"].texts("edits-page"))
        for name, place in self.evening.places.items():
            reached = [shown for kind, shown in place.arrived if kind == "post"]
            told = {shown.post.text for _, shown in place.arrived}
            needs = self.because == "error" or name not in ("deletes", "drops")
            if reached and needs:
                assert any(texts[str(self.because)] in told for texts in self._closings(name)), name

    @invariant()
    def no_place_shows_a_version_twice(self) -> None:
        """What may be tidy is: at most one post, and one more only while an older one waits to be deleted."""
        for name, place in self.evening.places.items():
            texts = place.texts(f"{name}-page")
            assert len(texts) == len(set(texts)), name
        words = {text for name in ("deletes", "edits") for texts in self._closings(name) for text in texts.values()}
        for name in ("deletes", "edits"):
            alert = [text for text in self.evening.places[name].texts(f"{name}-page") if text not in words]
            assert len(alert) <= 1, name

    def _closings(self, name: str) -> list[dict[str, str]]:
        return [{why: text["text"] for why, text in plan.closing[f"{name}-page"].items()} for plan in self.plans]


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=int(os.environ.get("GEOALERT_MACHINE_RUNS", "8")), stateful_step_count=14, suppress_health_check=list(HealthCheck)
)
