"""Desk: the one object with I/O; reads, plans, approves and sends for one project."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from geoalert.app.accounts import ready_accounts
from geoalert.app.afterwards import Afterwards
from geoalert.app.approving import Approving, Tally
from geoalert.app.closing import check_media
from geoalert.app.copying import copy_record
from geoalert.app.keeping import Keeping
from geoalert.app.names import check_name, who
from geoalert.app.notices import Notified
from geoalert.app.outcome import Outcome, outcome_of
from geoalert.app.places import Corners, corners_of
from geoalert.app.store import Store
from geoalert.clock import Clock, system_clock
from geoalert.config import Project, find_project, read_project, state_folder
from geoalert.files.profile import read_profile
from geoalert.outbox import Delivery, SqliteOutbox
from geoalert.plan import Approval, Plan
from geoalert.worker import Ready

if TYPE_CHECKING:
    from geoalert.alert import Alert
    from geoalert.app.layers import ProjectLayers
    from geoalert.boundaries.model import Layer
    from geoalert.boundaries.versions import Editions
    from geoalert.directory.model import Directory
    from geoalert.gates.profile import Profile


class Desk(Afterwards, Keeping):
    """A project opened. Use it as a context manager; it is thread-safe.

    Args:
        project: from `read_project`.
        clock: the present; tests and rehearsals hand in another.
        sleep: waits some seconds; only `send(wait_s=...)` calls it.

    Example:
        with geoalert.open("geoalert.toml") as desk:
            plan = desk.plan(desk.read_alert("alert.toml"), by="m.roy")
    """

    def __init__(self, project: Project, *, clock: Clock = system_clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self.project = project
        self.clock = clock
        self.sleep = sleep
        self.lock = self._lock = threading.RLock()
        self._outbox: SqliteOutbox | None = None

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Desk({self.project.agency!r})"

    @cached_property
    def _layers(self) -> ProjectLayers:
        # What geometry needs is loaded where it is used: a recall, a hold and a status are told in less than a second.
        from geoalert.app.layers import ProjectLayers

        return ProjectLayers(self.project)

    @cached_property
    def state(self) -> Path:
        """The project's state folder, made at first use and checked to be local."""
        return state_folder(self.project.state)

    @cached_property
    def store(self) -> Store:
        """Stored plans and approvals."""
        return Store(self.state / "plans")

    @property
    def outbox(self) -> SqliteOutbox:
        """The ledger, opened at first use."""
        with self._lock:
            if self._outbox is None:
                self._outbox = SqliteOutbox(self.state / "outbox.sqlite")
            return self._outbox

    @property
    def layers(self) -> Mapping[str, Layer]:
        """Today's edition of every layer of the project by name, read at first use, in the order of geoalert.toml."""
        return self.layers_on(self.today)

    @property
    def editions(self) -> Mapping[str, Editions]:
        """Every edition of every layer, by the layer's name."""
        return self._layers.editions

    def editions_named(self, name: str) -> Editions | None:
        """Returns every edition of the layer of one name, None where the project has none."""
        return self._layers.editions_named(name)

    def retired_told(self, day: date | None = None) -> AbstractContextManager[None]:
        """Says of an id that an earlier or later edition of its layer has what became of it, as of a day, else today."""
        return self._layers.retired_told(day or self.today)

    @property
    def today(self) -> date:
        """The agency's calendar day."""
        return self.clock().astimezone(self.project.zone).date()

    def layers_on(self, day: date) -> Mapping[str, Layer]:
        """Returns every layer as of a day; errors as `layer`."""
        return self._layers.on(day)

    def layer(self, name: str, *, as_of: date | None = None) -> Layer:
        """Returns one layer of the project; where it has several editions, the one of a day, today's if none is named.

        Raises:
            LayerNotFound: geoalert.toml names no such layer.
            BoundaryError: the file cannot be read, was changed since it was installed (boundaries_changed), or no edition holds today.
        """
        return self._layers.named(name, as_of or self.today)

    @cached_property
    def directory(self) -> Directory:
        """Channels, venues and units, read at first use and checked against layers and accounts."""
        from geoalert.directory.load import read_directory

        project = self.project
        return read_directory(
            channels=project.channels,
            venues=project.venues,
            units=project.units,
            layers=self.layers,
            accounts=tuple(project.accounts),
            kinds=self.profile.kinds,
            venue_accounts=project.venue_accounts,
        )

    @cached_property
    def near(self) -> Corners | None:
        """Finds street corners in the project's gazetteer; None where the project has none."""
        return corners_of(self.project.places, self.project.folder)

    @cached_property
    def profile(self) -> Profile:
        """The agency's profile."""
        return read_profile(self.project.profile, folder=self.project.folder)

    @cached_property
    def accounts(self) -> Mapping[str, Ready]:
        """Every account of the project with its publisher and what it can do, made at first use."""
        return ready_accounts(self.project.accounts, clock=self.clock, tokens=self.project.state / "tokens")

    def read_alert(self, path: str | Path, *, signals: Collection[str] = ()) -> Alert:
        """Reads an alert file of this project; rings that wait for a signal open by `signals`.

        Raises:
            AlertError: with file, line, field, value and what to do.
        """
        from geoalert.boundaries.load.shapes import read_shapes
        from geoalert.files.alert import Ways, read_alert

        ways = Ways(shapes=read_shapes, near=self.near, now=self.clock(), signals=signals)
        with self.retired_told():
            return read_alert(Path(path), project=self.project, layers=self.layers, ways=ways)

    def plan(self, alert: Alert, *, by: str) -> Plan:
        """Makes and stores the plan of an alert; nothing is sent.

        Args:
            alert: as read or made.
            by: the submitter, who can never approve it.

        Raises:
            GateRefused, AlertError, PlanError: the alert cannot be planned; nothing was stored.
        """
        from geoalert.app.draft import draft_of
        from geoalert.plan import build_plan

        check_name(by)
        return self._kept(build_plan(draft_of(self, alert), by=by))

    def update(self, alert: Alert, *, by: str | None = None) -> Plan:
        """Makes and stores the plan of an alert's next revision, for everybody who was told of any earlier one; nothing is sent.

        Args:
            alert: as read or made; its revision is raised here.
            by: the submitter, who can never approve it; else GEOALERT_AS, else the login.

        Raises:
            PlanError: illegal_step; it was never sent, or is closed. GateRefused, AlertError: it cannot be planned.
        """
        from geoalert.app.updating import Updating

        return self._kept(Updating(self).plan(alert, by=who(by)))

    def _kept(self, plan: Plan) -> Plan:
        check_media(self, plan)
        with self._lock:
            Approving(self).keep(plan)
        return plan

    def approve(self, plan: Plan, *, by: str, reason: str = "", key: Path | None = None, passphrase: str | None = None) -> Approval:
        """Records a second person's yes to exactly this plan, as its page says it.

        Args:
            plan: what is approved.
            by: the approver, never the submitter.
            reason: why it is necessary and proportionate.
            key: file of the approver's private key; a plan of status actual needs it.
            passphrase: place of its passphrase, `env:NAME`, `file:PATH` or `keyring:SERVICE/NAME`.

        Raises:
            FourEyes: `by` submitted it.
            PlanChanged: the plan, or its page on disk, is not what was made; or another plan was made in its place.
            NotApproved: the signature is missing (signature_needed) or not of the listed key (wrong_key, no_key_listed).
            PlanError: `by` may not approve (not_an_approver), or the key cannot be used.
        """
        check_name(by)
        with self._lock:
            return Approving(self).approve(plan, by=by, reason=reason, key=key, passphrase=passphrase)

    def tally(self, plan: Plan) -> Tally:
        """Returns who has approved this very plan, and how many people are needed."""
        return Approving(self).tally(plan)

    def notified(self, plan: Plan) -> Notified:
        """Returns which approvers were told that this plan waits, and why others were not."""
        return Approving(self).notified(plan)

    def give_back(self, plan: Plan, *, by: str, reason: str) -> None:
        """Returns a plan to its submitter with a reason; it has to be planned and approved again.

        Raises:
            PlanError: illegal_step (it was sent, or decided already), not_an_approver, reason_missing.
        """
        check_name(by)
        with self._lock:
            Approving(self).give_back(plan, by=by, reason=reason, step="return")

    def reject(self, plan: Plan, *, by: str, reason: str) -> None:
        """Rejects a plan for good; errors as `give_back`."""
        check_name(by)
        with self._lock:
            Approving(self).give_back(plan, by=by, reason=reason, step="reject")

    def check_approved(self, plan: Plan) -> tuple[Approval, ...]:
        """Returns the approvals that let a plan be sent now; errors as `check_approved` of `geoalert.plan`."""
        return Approving(self).check(plan)

    def send(self, plan: Plan, *, live: str | None = None, wait_s: float = 0.0, tell: Callable[[Delivery], None] | None = None) -> Outcome:
        """Sends an approved plan; what was sent before is not sent again.

        Where another process of the project is sending, the posts are queued for it and come back as `queued`.

        Args:
            plan: as stored or read; proved on its bytes again.
            live: the agency's name typed out, for live accounts.
            wait_s: seconds to go on with what can be repeated, at most a week.
            tell: called after each try.

        Raises:
            NotApproved, PlanChanged, FourEyes, NotLive, OutboxError: nothing was queued.
        """
        from geoalert.app.send import Sending

        Sending(self).run(plan, live=live, wait_s=wait_s, tell=tell)
        return outcome_of(self, alert=plan.id, revision=plan.revision)

    def status(self, alert: str | None = None) -> Outcome:
        """Returns what became of every post of one alert, or of all.

        Raises:
            PlanError: no alert of that id was ever planned or sent.
        """
        self.outbox.expire(at=self.clock())
        outcome = outcome_of(self, alert=alert)
        if alert is not None and not outcome.rows:
            self.store.load(alert)
        return outcome

    def close(self) -> None:
        """Lets go of the ledger, its record copied to where `[log]` says."""
        with self._lock:
            if self._outbox is not None:
                copy_record(self)
                self._outbox.close()
                self._outbox = None
            if self.near is not None:
                self.near.close()


def open_project(path: str | Path | None = None, **parts: Any) -> Desk:
    """Opens the project of a geoalert.toml, of its folder, or the nearest one upwards.

    Raises:
        ConfigurationError: there is none, or it is not valid.
    """
    return Desk(read_project(find_project(project=path)), **parts)
