"""Any order of hold, send, update, recall, refusals and lost answers: judged by what the places themselves show."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from geoalert.errors import NotSent, OutcomeUnknown, PlanError
from geoalert.plan import Plan
from tests.app.places import ABLE, Evening
from tests.app.project import ALERT

TIDY = ("deletes", "edits", "drops")
"""Places where an update leaves one post."""
ASKED = ("deletes",)
"""Places that say what they have; elsewhere a lost answer is a person's to settle."""
AGES = ("25-35", "26-36", "27-37", "28-38", "29-39")
FAULTS = st.sets(st.sampled_from(sorted(ABLE)), max_size=3)


class Life(RuleBasedStateMachine):
    """One alert among five places; whatever was done, some hours of work later every place has to be right."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.evening = Evening(self.folder / "p", ABLE, alert=ALERT.replace("2027-03-14T06", "2027-05-14T06"))
        self.plans: list[Plan] = []
        self.held = False
        self.because: str | None = None
        self.ending: str | None = None

    @initialize(
        faults=st.lists(FAULTS, min_size=3, max_size=3),
        landed=st.booleans(),
        updates=st.sampled_from([1, 2, 0]),
        ending=st.sampled_from(["error", None, "arrested"]),
    )
    def issue(self, faults: list[set[str]], landed: bool, updates: int, ending: str | None) -> None:
        """The first revision and some updates, sent to places of which some refuse or lose their answer."""
        self.ending = ending
        self._break(faults[0], landed)
        self.plans = [self.evening.sent()]
        for some in faults[1 : updates + 1]:
            self.update(some, landed)

    @precondition(lambda self: self.because is None and len(self.plans) < len(AGES))
    @rule(faults=FAULTS, landed=st.booleans())
    def update(self, faults: set[str], landed: bool) -> None:
        """The next revision, planned, approved and sent."""
        count = len(self.plans)
        plan = self.evening.updated((AGES[count - 1], AGES[count]))
        self._break(faults, landed)
        self.evening.desk.send(plan)
        self.plans.append(plan)
        self.held = False

    @precondition(lambda self: self.plans)
    @rule(which=st.integers(0, 4))
    def send_again(self, which: int) -> None:
        """The newest plan as often as one likes; an old revision never."""
        plan = self.plans[min(which, len(self.plans) - 1)]
        try:
            self.evening.desk.send(plan)
        except PlanError as err:
            late = plan is not self.plans[-1]
            assert err.code == ("illegal_step" if self.because else "revision_late"), err  # noqa: PT017
            assert self.because or late
        else:
            assert plan is self.plans[-1]
            assert self.because is None

    @rule()
    def hold(self) -> None:
        """Stops what is queued through the newest plan."""
        self.evening.desk.hold("S1", by="w.clerk", reason="stop")
        self.held = self.because is None

    @precondition(lambda self: self.held)
    @rule()
    def release(self) -> None:
        """Lets it go on."""
        self.evening.desk.release("S1", by="w.clerk", reason="go on")
        self.held = False

    @rule(because=st.sampled_from(["arrested", "error"]), faults=FAULTS, landed=st.booleans())
    def recall(self, because: str, faults: set[str], landed: bool) -> None:
        """Closes it, or corrects it after it was closed."""
        self._break(faults & {"deletes", "edits", "drops", "threads"}, landed)
        try:
            self.evening.desk.recall("S1", because=because, by="w.clerk")
        except PlanError as err:
            assert (err.code, self.because, because) == ("already_closed", "error", "arrested")  # noqa: PT017
        else:
            self.because = because
            self.held = False

    @rule()
    def work(self) -> None:
        """An hour later another process works."""
        self.evening.later(hours=1)
        with self.evening.opened() as other:
            other.work()

    @invariant()
    def nothing_arrives_twice(self) -> None:
        """No place ever received the same post twice, and a place that edits never shows two versions."""
        for name, place in self.evening.places.items():
            posted = [shown.post.text for kind, shown in place.arrived if kind == "post"]
            assert len(posted) == len(set(posted)), name
        assert len(self._alert_posts("edits")) <= 1

    def teardown(self) -> None:
        """Some hours of work later: one post where one is expected, of the newest revision; after a recall none, and everybody told."""
        try:
            if self.plans:
                if self.ending and self.because is None:
                    self.recall(self.ending, set(), landed=False)
                for place in self.evening.places.values():
                    place.faults = []
                for _ in range(3):
                    self.work()
                self._check_closed() if self.because else self._check_standing()
        finally:
            self.evening.desk.close()
            shutil.rmtree(self.folder)

    def _check_standing(self) -> None:
        for name in TIDY:
            assert len(self._alert_posts(name)) <= 1, name
        for name in self.evening.places:
            newest = self.plans[-1].post(f"{name}-page", self.plans[-1].document["manifest"][f"posts/{name}-page"]).text
            seen = self._alert_posts(name)
            if not self.held:
                assert seen[-1:] == [newest], name
            elif seen:
                assert seen[-1] in self._versions(name), name

    def _check_closed(self) -> None:
        for name in ("deletes", "drops", "edits"):
            assert self._alert_posts(name) == [], name
        for name, place in self.evening.places.items():
            arrived = [shown.post.text for _, shown in place.arrived]
            reached = any(text in self._versions(name) for text in arrived)
            needs_words = self.because == "error" or name not in ("deletes", "drops")
            if needs_words and reached:
                assert any(texts[str(self.because)] in arrived for texts in self._closings(name)), name
            if not reached and name not in ASKED:
                # A place that may have had it, and had not, is corrected all the same.
                assert not arrived, name
        due = {item.channel for item in self.evening.desk.status("S1").open}
        assert not due & {"deletes-page", "drops-page"}

    def _break(self, names: set[str], landed: bool) -> None:
        for name in names:
            lost = OutcomeUnknown("no answer", code="read_timeout")
            refused = NotSent("refused", code="refused")
            self.evening.places[name].faults = [(landed, lost) if name in ASKED else (False, refused)]

    def _alert_posts(self, name: str) -> list[str]:
        """What can be read of the alert itself in one place, oldest first."""
        return [text for text in self.evening.places[name].texts(f"{name}-page") if text in self._versions(name)]

    def _versions(self, name: str) -> list[str]:
        return [told.post.text for plan in self.plans for told in plan.posts if told.post.channel == f"{name}-page"]

    def _closings(self, name: str) -> list[dict[str, str]]:
        return [{why: text["text"] for why, text in plan.closing[f"{name}-page"].items()} for plan in self.plans]


RUNS = int(os.environ.get("GEOALERT_MACHINE_RUNS", "10"))
TestLife = Life.TestCase
TestLife.settings = settings(max_examples=RUNS, stateful_step_count=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
