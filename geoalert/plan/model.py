"""The plan: what would be sent where and why, as one value with one digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from geoalert.boundaries import hooks
from geoalert.errors import PlanChanged, PlanError
from geoalert.findings import Finding
from geoalert.media import Rendition
from geoalert.plan.digest import bytes_digest, manifest_digest, part_digest, salted_digest
from geoalert.publishing import Capabilities, Post

PARTS = ("alert", "by", "area", "layers", "survey", "selections", "visit_list", "posts", "closing", "capabilities", "accounts", "findings")
"""What a plan's document holds beside `format`, `digest` and `manifest`, each under its digest."""

BECAUSE = ("arrested", "located", "identified", "resolved", "error")
"""Why an alert ends; a closing text is approved for each."""


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """A post as approved: its content, its account's publisher, its own digest, and why the channel was chosen.

    Attributes:
        how: of an update, how it reaches the place: edit, reply, replace or new.
    """

    post: Post
    publisher: str
    digest: str
    reason: str
    how: str = "new"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two plans: `added`, `removed` or `changed`, of which part, before and after."""

    how: str
    part: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan, as built or as read back; `verify` proves that its bytes are the digested ones.

    Attributes:
        document: plan.json.
        media: image bytes by digest, the map among them.
        page: index.html, for the approver.
        restricted: files that only the owner may read, by name; they enter the digest salted and can be purged.
        purged: names of the parts that were purged, `page` and `media/DIGEST`; such a plan proves what it was, and is sent no more.
    """

    document: Mapping[str, Any] = field(repr=False)
    media: Mapping[str, bytes] = field(repr=False)
    page: bytes = field(repr=False)
    restricted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    purged: tuple[str, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        return f"Plan({self.name}, {self.status}, {len(self.document['posts'])} posts, digest {self.digest[:12]})"

    @property
    def digest(self) -> str:
        """What an approval is bound to."""
        return str(self.document["digest"])

    @property
    def alert(self) -> Mapping[str, Any]:
        """The public alert, JSON-ready."""
        return self.document["alert"]  # type: ignore[no-any-return]

    @property
    def id(self) -> str:
        """The alert's id."""
        return str(self.alert["id"])

    @property
    def revision(self) -> int:
        """The alert's revision."""
        return int(self.alert["revision"])

    @property
    def name(self) -> str:
        """Id and revision as CAP's identifier has them: `S1.r1`."""
        return f"{self.id}.r{self.revision}"

    @property
    def status(self) -> str:
        """`actual`, `exercise` or `test`."""
        return str(self.alert["status"])

    @property
    def by(self) -> str:
        """Who submitted it."""
        return str(self.document["by"])

    @property
    def expires(self) -> datetime:
        """When sending ends, aware."""
        return datetime.fromisoformat(self.alert["expires"])

    @property
    def matches(self) -> list[dict[str, Any]]:
        """Boundaries that the area meets, largest share first, as `Match.to_dict` gives them."""
        return self.document["survey"]["matches"]  # type: ignore[no-any-return]

    @property
    def picture(self) -> bytes:
        """The map, PNG: area, boundaries, chosen and skipped places; drawn from public geometry only."""
        return self.media[self.document["area"]["picture"]]

    @property
    def selections(self) -> list[dict[str, Any]]:
        """Every channel and venue of the directory, chosen or skipped, with its reason."""
        return self.document["selections"]  # type: ignore[no-any-return]

    @property
    def visit_list(self) -> list[dict[str, Any]]:
        """Chosen venues that nobody can be reached at, in walking order."""
        return self.document["visit_list"]  # type: ignore[no-any-return]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What gates and checks said."""
        return tuple(Finding(**found) for found in self.document["findings"])

    @property
    def posts(self) -> tuple[PlannedPost, ...]:
        """Every post, in order, with its images' bytes."""
        return tuple(
            PlannedPost(
                self._post(told["post"]),
                told["publisher"],
                self.document["manifest"][f"posts/{told['post']['channel']}"],
                told["reason"],
                told.get("how", "new"),
            )
            for told in self.document["posts"]
        )

    @property
    def closing(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """Closing texts (title, text) by channel, then by why the alert ends."""
        return self.document["closing"]  # type: ignore[no-any-return]

    def post(self, channel: str, digest: str) -> Post:
        """Returns one channel's post.

        Raises:
            PlanChanged: the plan holds no post of that channel with that digest.
        """
        told = next((each for each in self.document["posts"] if each["post"]["channel"] == channel), None)
        return self.proved(told, channel, digest)

    def proved(self, told: Mapping[str, Any] | None, channel: str, digest: str) -> Post:
        """Returns the post of one entry of the document's posts, where both are the approved ones; errors as `post`."""
        if told is not None and told["post"]["channel"] == channel and part_digest(told) == digest:
            post = self._post(told["post"])
            pairs = zip(post.media, told["post"]["media"], strict=True)
            if all(bytes_digest(item.content) == item_told["digest"] for item, item_told in pairs):
                return post
        raise PlanChanged("the plan holds another post than the one that was approved", field="channel", value=channel)

    def capabilities(self, account: str) -> Capabilities:
        """Returns what the account could do when the plan was checked."""
        told = self.document["capabilities"][account]
        return Capabilities(**told | {"media_types": tuple(told["media_types"])})

    def without(self, *, restricted: bool = False, images: bool = False) -> Plan:
        """Returns the plan without its restricted parts, or without its images and the page that shows them; its digest stays."""
        kept: Mapping[str, Mapping[str, Any]] = {} if restricted else self.restricted
        if not images:
            return replace(self, restricted=kept)
        gone = tuple(sorted(part for part in self.document["manifest"] if part == "page" or part.startswith("media/")))
        return replace(self, restricted=kept, media={}, page=b"", purged=gone)

    def verify(self, *, whole: bool = True) -> None:
        """Proves that every part is the one its digest was made of.

        Args:
            whole: refuses a plan whose images and page were purged.

        Raises:
            PlanChanged: naming the part. PlanError: plan_purged.
        """
        if whole and self.purged:
            raise PlanError("the plan's images were purged", code="plan_purged", file=self.name, do="Make a new alert of it")
        recorded = dict(self.document["manifest"])
        found = manifest(self.document, media=self.media, page=self.page, restricted=self.restricted)
        for part in sorted({*recorded, *found}):
            gone = part not in found or (part == "page" and not self.page)
            purged = gone and part in recorded and (part.startswith("restricted/") or part in self.purged)
            if not purged and recorded.get(part) != found.get(part):
                raise PlanChanged(f"the plan's {part} was changed after it was made", file=self.name, field=part, do="Make the plan again")
        if manifest_digest(recorded) != self.digest:
            raise PlanChanged("the plan's digest is not that of its manifest", file=self.name, field="digest", do="Make the plan again")

    def diff(self, previous: Plan) -> tuple[Change, ...]:
        """Returns what changed since `previous`, part by part; empty when both say the same."""
        before, after = dict(previous.document["manifest"]), dict(self.document["manifest"])
        changes = []
        for part in sorted({*before, *after}):
            if before.get(part) != after.get(part) and part != "page":
                how = "added" if part not in before else "removed" if part not in after else "changed"
                changes.append(Change(how, part, previous.value_of(part), self.value_of(part)))
        return tuple(changes)

    def to_geodataframe(self, layers: Any = None) -> Any:
        """Returns area, boundaries with the shapes of `layers`, and selections in one GeoDataFrame; the column `table` says which."""
        return hooks.resolve("to_geodataframe")(self, layers)

    def value_of(self, part: str) -> Any:
        """Returns the JSON value that a part's digest was made of, None where there is none."""
        return split(self.document).get(part)

    def _post(self, told: Mapping[str, Any]) -> Post:
        media = []
        for item in told["media"]:
            if item["digest"] not in self.media:
                raise PlanError("an image of the plan is missing", code="plan_incomplete", file=self.name, value=item["digest"])
            facts = {name: item[name] for name in ("media_type", "width_px", "height_px", "alt", "media_class", "source_digest")}
            media.append(Rendition(content=self.media[item["digest"]], **facts))
        plain = {name: told[name] for name in ("channel", "account", "address", "text", "language", "title", "link", "lon", "lat")}
        return Post(**plain, media=tuple(media))


def post_document(post: Post) -> dict[str, Any]:
    """Returns a post JSON-ready: every word, images by digest."""
    plain = {name: getattr(post, name) for name in ("channel", "account", "address", "text", "language", "title", "link", "lon", "lat")}
    facts = ("digest", "media_type", "width_px", "height_px", "alt", "media_class", "source_digest")
    return plain | {"media": [{name: getattr(item, name) for name in facts} for item in post.media]}


def split(document: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the document's parts by manifest name, so that one post, selection or closing text is checked alone."""
    parts = {part: document[part] for part in PARTS if part not in ("selections", "posts", "closing")}
    parts |= {f"selections/{each['kind']}/{each['id']}": each for each in document["selections"]}
    parts |= {f"posts/{each['post']['channel']}": each for each in document["posts"]}
    parts |= {f"closing/{channel}/{why}": text for channel, texts in document["closing"].items() for why, text in texts.items()}
    return parts


def manifest(
    document: Mapping[str, Any], *, media: Mapping[str, bytes], page: bytes, restricted: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Returns the digest of every part; order of posts and selections is a part of its own."""
    parts = {part: part_digest(value) for part, value in split(document).items()}
    parts["order"] = part_digest([[each["post"]["channel"] for each in document["posts"]], [each["id"] for each in document["selections"]]])
    parts["page"] = bytes_digest(page)
    parts |= {f"media/{name}": bytes_digest(content) for name, content in media.items()}
    parts |= {f"restricted/{name}": salted_digest(bytes.fromhex(held["salt"]), held["value"]) for name, held in restricted.items()}
    return parts
