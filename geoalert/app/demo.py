"""The exercise that `geoalert demo` runs: a whole alert from file to sent posts, with no network."""

from __future__ import annotations

import shutil
import string
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from geoalert.app.desk import Desk
from geoalert.app.disk import write_whole
from geoalert.app.outcome import Outcome
from geoalert.boundaries.folder import boundaries_folder
from geoalert.clock import Clock, system_clock
from geoalert.config import read_project
from geoalert.errors import ConfigurationError
from geoalert.plan import Plan
from geoalert.rendering.sketch import demo_sketch

PLACE = "toronto-demo"
SUBMITTER, APPROVER = "m.roy", "t.singh"
EXPIRES_AFTER, REMOVE_AFTER = timedelta(days=14), timedelta(days=16)


@dataclass(frozen=True, slots=True)
class Demo:
    """What the exercise left, and where."""

    folder: Path
    plan: Plan
    outcome: Outcome
    picture: Path
    page: Path


def run_demo(folder: Path, *, clock: Clock = system_clock) -> Demo:
    """Writes the demo project into `folder`, plans its alert, approves it as the second person, and sends it.

    In a folder where the demo ran before, the same plan is made again and nothing is sent twice.

    Args:
        folder: absent, empty, or left by an earlier demo.
        clock: the present; the alert expires two weeks after it.

    Raises:
        ConfigurationError: the folder holds something else (folder_not_empty).
    """
    if not (folder / "geoalert.toml").exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ConfigurationError("the folder is not empty", code="folder_not_empty", value=str(folder), do="Name another: --out DIR")
        _write_project(folder, clock)
    with Desk(read_project(folder / "geoalert.toml"), clock=clock) as desk:
        _refuse_others(desk)
        alert = desk.read_alert(folder / "alert.toml")
        if alert.expires <= clock():
            raise ConfigurationError(
                "the exercise in this folder is over", code="demo_over", value=str(folder), do="Name another folder: --out DIR"
            )
        plan = desk.plan(alert, by=SUBMITTER)
        desk.approve(plan, by=APPROVER, reason="Exercise: necessary and proportionate in the area and for the time stated")
        outcome = desk.send(plan)
        picture = folder / "map.png"
        write_whole(picture, plan.picture, mode=0o644)
        page = folder / "plan.html"
        write_whole(page, plan.page, mode=0o644)
    return Demo(folder, plan, outcome, picture, page)


def _write_project(folder: Path, clock: Clock) -> None:
    source = boundaries_folder() / PLACE
    (folder / "boundaries").mkdir(parents=True, exist_ok=True)
    for name in ("divisions.geojson", "neighbourhoods.geojson"):
        shutil.copyfile(source / name, folder / "boundaries" / name)
    for name in ("channels.csv", "venues.csv", "units.csv"):
        shutil.copyfile(source / "project" / name, folder / name)
    shutil.copyfile(source / "places.csv", folder / "places.csv")
    write_whole(folder / "sketch.png", demo_sketch(), mode=0o644)
    settings = (source / "project" / "geoalert.toml").read_text("utf-8")
    project = read_project(source / "project" / "geoalert.toml")
    day = clock().astimezone(project.zone).replace(hour=6, minute=0, second=0, microsecond=0, tzinfo=None)
    ends = {"expires": EXPIRES_AFTER, "remove_by": REMOVE_AFTER, "opens": timedelta(), "closes": EXPIRES_AFTER}
    times = {name: (day + after).isoformat() for name, after in ends.items()}
    alert = string.Template((source / "project" / "alert.toml").read_text("utf-8")).substitute(times)
    write_whole(folder / "alert.toml", alert.encode("utf-8"), mode=0o644)
    write_whole(folder / "geoalert.toml", settings.encode("utf-8"), mode=0o644)


def _refuse_others(desk: Desk) -> None:
    if desk.project.profile != "demo":
        raise ConfigurationError(
            "the folder holds another project", code="folder_not_empty", value=str(desk.project.folder), do="Name another: --out DIR"
        )
