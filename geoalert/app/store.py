"""Plans and approvals on disk, in the project's state folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import quote

from geoalert.app.disk import private_folder, sync_folder, write_whole
from geoalert.errors import GeoAlertError, PlanChanged, PlanError
from geoalert.plan import Approval, Plan, pack, unpack

MOST_BYTES = 256 * 2**20


class Store:
    """The folder of stored plans.

    Every plan that was ever kept lies under its digest, `S1.r1.plans/DIGEST.plan`, and stays there: what is queued is read from it.
    `S1.r1.plan` leads to the one of the revision that was planned last, `S1.r1.html` is its page to read, and the revision's
    approvals are in `S1.r1.approvals/`.

    Args:
        folder: `plans` in the state folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def plan_path(self, plan: Plan) -> Path:
        """Returns where the plan that was made last of the same revision is found."""
        return self.path_of(plan.id, plan.revision)

    def path_of(self, alert: str, revision: int) -> Path:
        """Returns where the plan that was made last of a revision is found, be it there or not."""
        return self.folder / f"{_name(alert)}.r{revision}.plan"

    def digest_path(self, alert: str, revision: int, digest: str) -> Path:
        """Returns where the plan of one digest is kept, be it there or not."""
        return self.path_of(alert, revision).with_suffix(".plans") / f"{_name(digest)}.plan"

    def page_path(self, plan: Plan) -> Path:
        """Returns where a plan's page is kept for reading."""
        return self.folder / f"{_name(plan.id)}.r{plan.revision}.html"

    def paths(self, alert: str, revision: int) -> tuple[Path, ...]:
        """Returns every file that holds a plan of a revision, the one made last first."""
        newest = self.path_of(alert, revision)
        kept = sorted(newest.with_suffix(".plans").glob("*.plan"))
        if newest.exists() and not newest.is_symlink():
            kept.append(newest)
        return tuple(sorted(kept, key=lambda path: not (newest.exists() and path.samefile(newest))))

    def put(self, plan: Plan) -> Path:
        """Stores a plan under its digest, on disk when it returns; nothing that is stored is in its way."""
        path, content = self.digest_path(plan.id, plan.revision, plan.digest), pack(plan)
        private_folder(path.parent)
        if not (path.is_file() and path.read_bytes() == content):
            write_whole(path, content)
            sync_folder(path.parent)
        return path

    def keep(self, plan: Plan) -> Path:
        """Stores a plan and its page, as the one of its revision that was made last."""
        path, page = self.plan_path(plan), self.page_path(plan)
        kept, fresh = self.put(plan), not path.exists()
        self._spare(path)
        try:
            write_whole(page, plan.page)
            _lead(path, kept)
        except GeoAlertError:
            if fresh:
                page.unlink(missing_ok=True)
            raise
        return path

    def _spare(self, path: Path) -> None:
        # Until plans were kept under their digests the file itself was here, and rows may be queued from it.
        if path.is_file() and not path.is_symlink():
            try:
                self.put(self._read(path))
            except (PlanError, PlanChanged):
                return

    def copy(self, plan: Plan, to: Path) -> None:
        """Writes a plan to a file of the user's choice; only a plan is ever overwritten.

        Raises:
            PlanError: something else is there (file_exists).
        """
        check_copy(to)
        write_whole(to, pack(plan))

    def read_page(self, plan: Plan) -> bytes | None:
        """Returns the page as it lies on disk for reading, None where there is none."""
        path = self.page_path(plan)
        return path.read_bytes() if path.is_file() else None

    def load(self, name: str | Path) -> Plan:
        """Returns a plan by its file, or the newest revision by its alert's id, proved on its bytes.

        Raises:
            PlanError: there is none (unknown_plan), or it is no plan.
            PlanChanged: it was edited.
        """
        return self._read(self._find(str(name)))

    def load_revision(self, alert: str, revision: int) -> Plan:
        """Returns the plan of a revision that was made last, proved on its bytes; errors as `load`."""
        return self._read(self.path_of(alert, revision))

    def load_digest(self, alert: str, revision: int, digest: str) -> Plan:
        """Returns the plan of one digest, proved on its bytes.

        Raises:
            PlanChanged: only another plan of the revision is there. PlanError: as `load`.
        """
        path = self.digest_path(alert, revision, digest)
        if not path.exists():
            path = self.path_of(alert, revision)
        plan = self._read(path)
        if (plan.id, plan.revision, plan.digest) != (alert, revision, digest):
            raise PlanChanged(
                "this is another plan than the one that was approved and queued", code="plan_changed", file=path, value=plan.digest[:12]
            )
        return plan

    def newest_digest(self, plan: Plan) -> str | None:
        """Returns the digest of the plan made last of the same revision, None where none can be read."""
        try:
            return self.load_revision(plan.id, plan.revision).digest
        except GeoAlertError:
            return None

    def _read(self, path: Path) -> Plan:
        try:
            if path.stat().st_size > MOST_BYTES:
                raise PlanError("the file is larger than any plan", code="plan_too_large", file=path)
            content = path.read_bytes()
        except OSError as err:
            raise PlanError(f"the plan cannot be read: {err.strerror}", code="plan_unreadable", file=path) from err
        return unpack(content, file=str(path))

    def approvals(self, plan: Plan) -> tuple[Approval, ...]:
        """Returns every approval of the plan's revision, whatever its digest, in the order given."""
        folder = self._approvals(plan)
        found = [Approval.from_json(path.read_text("utf-8", errors="replace"), file=str(path)) for path in sorted(folder.glob("*.json"))]
        return tuple(sorted(found, key=lambda approval: (approval.at, approval.by)))

    def keep_approval(self, plan: Plan, approval: Approval) -> Path:
        """Stores an approval; a second one of the same person replaces the first."""
        path = self._approvals(plan) / f"{_name(approval.by)}.json"
        private_folder(path.parent)
        write_whole(path, approval.to_json().encode("utf-8"))
        return path

    def void_approvals(self, plan: Plan) -> None:
        """Removes the approvals of the plan's revision; the record still has them."""
        for path in self._approvals(plan).glob("*.json"):
            path.unlink(missing_ok=True)

    def keep_notice(self, alert: str, revision: int, digest: str, content: bytes) -> None:
        """Stores the text of a notice to an approver under its digest."""
        path = self.notice_path(alert, revision, digest)
        private_folder(path.parent)
        write_whole(path, content)

    def notice_path(self, alert: str, revision: int, digest: str) -> Path:
        """Returns where the text of a notice to an approver is kept."""
        return self.folder / f"{_name(alert)}.r{revision}.notices" / f"{digest}.json"

    def _approvals(self, plan: Plan) -> Path:
        return self.folder / f"{_name(plan.id)}.r{plan.revision}.approvals"

    def newest(self, alert: str) -> int:
        """Returns the newest revision that is stored, 0 where there is none."""
        return max(self._revisions(alert), default=0)

    def _revisions(self, alert: str) -> dict[int, Path]:
        prefix, found = f"{_name(alert)}.r", {}
        for path in self.folder.glob("*.plan"):
            revision = path.stem.removeprefix(prefix)
            if path.stem.startswith(prefix) and revision.isdigit():
                found[int(revision)] = path
        return found

    def _find(self, name: str) -> Path:
        if Path(name).is_file():
            return Path(name)
        found = self._revisions(name)
        if not found:
            raise PlanError(
                "no such plan",
                code="unknown_plan",
                value=name,
                do="Give an alert's id or a plan's file; `geoalert plan ALERT.toml` makes one",
            )
        return found[max(found)]


def check_copy(to: Path) -> None:
    """Refuses to write a plan over anything but a plan.

    Raises:
        PlanError: file_exists.
    """
    if to.is_dir() or (to.exists() and not _is_plan(to)):
        raise PlanError("there is something else of that name", code="file_exists", file=to, do="Name another file with -o")


def _is_plan(path: Path) -> bool:
    try:
        unpack(path.read_bytes(), file=str(path))
    except (GeoAlertError, OSError):
        return False
    return True


def _lead(path: Path, kept: Path) -> None:
    """Makes `path` lead to the plan that is kept, in one step."""
    scratch = path.parent / f".new-{secrets.token_hex(8)}"
    try:
        scratch.symlink_to(os.path.relpath(kept, path.parent))
        scratch.replace(path)
    except OSError:
        # Some disks know no links.
        scratch.unlink(missing_ok=True)
        write_whole(path, kept.read_bytes())


def _name(text: str) -> str:
    return quote(text, safe="").replace(".", "%2E")
