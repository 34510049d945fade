"""Builds a plan: one fitting post for every recipient, its closing texts, the page, and the digest over all of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geoalert.alert import Alert
from geoalert.alert.limits import LIMITS, Limits
from geoalert.boundaries.model import Layer
from geoalert.directory.model import EVERYWHERE, Channel
from geoalert.directory.selection import Selected
from geoalert.errors import ExplainedError, PlanError
from geoalert.findings import Finding
from geoalert.gates.open import Gated, check_scope
from geoalert.media import Media, Rendition
from geoalert.plan.digest import bytes_digest, manifest_digest, part_digest
from geoalert.plan.model import Plan, manifest, post_document
from geoalert.plan.page import page_html
from geoalert.publishing import Account, Capabilities, Post
from geoalert.rendering.closing import closings
from geoalert.rendering.images import clean
from geoalert.rendering.parts import media_for
from geoalert.rendering.text import render
from geoalert.targeting import Survey
from geoalert.targeting.guard import Spoken, check_size, guard

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class PlanAccount:
    """An account as a plan needs it: whose it is, live or sandbox, and what it can do after every narrowing."""

    account: Account
    capabilities: Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Followup:
    """How an update reaches a place that was told before.

    Attributes:
        how: edit, reply, replace, or new where nothing can be named any more; what is out at the time of sending decides.
        update_of: identifier of the version that the place has, `S1.r1`.
        of: key of the delivery that is edited, answered or replaced.
    """

    how: str
    update_of: str
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything decided about an alert, ready to be put into words.

    Attributes:
        layers: those matched, in the order of the survey.
        accounts: by name; at least those of the selected recipients.
        picture: PNG of the map, drawn from public geometry only.
        profile_limits: of the agency's profile, by kind.
        followups: by channel, of an update only; a channel that is not there is new.
    """

    alert: Alert
    gated: Gated
    survey: Survey
    selected: Selected
    layers: Sequence[Layer]
    accounts: Mapping[str, PlanAccount]
    picture: bytes = field(repr=False)
    profile_limits: Mapping[str, Limits] = field(default_factory=lambda: LIMITS, repr=False)
    followups: Mapping[str, Followup] = field(default_factory=dict, repr=False)

    @property
    def limits(self) -> Limits:
        """What the kind of alert takes before its plan needs a reason."""
        return self.profile_limits.get(self.alert.kind, Limits())


def build_plan(draft: Draft, *, by: str, salt: Callable[[], bytes] = lambda: secrets.token_bytes(SALT_BYTES)) -> Plan:
    """Returns the plan of a draft, rendered, checked against every account, and digested.

    Args:
        draft: what was decided.
        by: the submitter, who can never approve it.
        salt: fresh random bytes for each restricted part.

    Raises:
        AlertError: a text or image cannot be made to fit; the channel is named.
        NotLive: an exercise meets a live account, or the other way round.
        PlanError: a recipient's account is not configured, or nobody submits.
        AreaError: codes area_too_large, limit_exceeded; nobody said why.
    """
    if not isinstance(by, str) or not by.strip():
        raise PlanError("a plan needs the name of who submits it", code="missing_name", field="by", do="Say who you are: --as NAME")
    size = tuple(check_size(draft.alert.area, limits=draft.limits, accept=draft.alert.accept))
    reach = guard(draft.alert.area, draft.survey, draft.layers, spoken=_spoken(draft), limits=draft.limits, accept=draft.alert.accept)
    writer = _Writer(draft)
    posts, closing = [], {}
    for channel in draft.selected.recipients:
        post, texts = writer.write(channel)
        publisher = draft.accounts[channel.account].account.publisher
        told = {"post": post_document(post), "publisher": publisher, "reason": writer.reason(channel), "scope": channel.scope}
        posts.append(told | (_follows(draft.followups.get(channel.id)) if draft.followups else {}))
        closing[channel.id] = texts
    media = writer.media | {bytes_digest(draft.picture): draft.picture}
    document = _document(draft, by, posts, closing, (*size, *_findings(draft), *reach, *writer.findings()))
    restricted = {name: {"salt": salt().hex(), "value": value} for name, value in _restricted(draft.alert).items()}
    page = page_html(document, media=media, picture=draft.picture)
    parts = manifest(document, media=media, page=page, restricted=restricted)
    whole = document | {"manifest": parts, "digest": manifest_digest(parts)}
    return Plan(document=whole, media=media, page=page, restricted=restricted)


class _Writer:
    """Writes posts, making each distinct rendition once."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._renditions: dict[tuple[str, Capabilities, str], Rendition] = {}
        self._reasons = {name: chosen for chosen in draft.selected.chosen for name in chosen.channels or (chosen.id,)}
        self._left_out: dict[tuple[str, ...], list[str]] = {}
        self.media: dict[str, bytes] = {}

    def write(self, channel: Channel) -> tuple[Post, dict[str, Any]]:
        """Returns one channel's post and closing texts, both within what its account can do."""
        account = self._draft.accounts.get(channel.account)
        if account is None:
            raise PlanError(
                f"the channel {channel.id} uses an account that is not in geoalert.toml",
                code="unknown_account",
                field="account",
                value=channel.account,
                do=f"Add [accounts.{channel.account}], or correct the channel",
            )
        account.account.check_status(self._draft.alert.status)
        try:
            check_scope(self._draft.alert.scope, channel.scope)
            return self._write(channel, account.capabilities, self._draft.followups.get(channel.id))
        except ExplainedError as err:
            if err.field is None or not err.field.startswith("channel "):
                err.field = f"channel {channel.id}" + (f", {err.field}" if err.field else "")
            raise

    def _write(self, channel: Channel, capabilities: Capabilities, followup: Followup | None) -> tuple[Post, dict[str, Any]]:
        public = self._draft.gated.public
        language = next(iter(self._chosen(channel).languages), public.languages[0])
        older = None if followup is None else followup.update_of
        rendered = render(public, capabilities, language, place_line=self._place_line(channel), update_of=older)
        media = tuple(self._rendition(item, capabilities, language) for item in media_for(public, capabilities))
        post = Post(
            channel=channel.id,
            account=channel.account,
            address=channel.address,
            text=rendered.text,
            title=rendered.title if capabilities.title else None,
            language=language,
            media=media,
            link=public.link if capabilities.links else None,
        )
        capabilities.check(post)
        if rendered.left_out:
            self._left_out.setdefault(rendered.left_out, []).append(channel.id)
        ends = closings(public, capabilities, language)
        return post, {because: {"title": end.title, "text": end.text} for because, end in ends.items()}

    def findings(self) -> Iterable[Finding]:
        """Yields what fell away or cannot be said in a place, with the channels concerned."""
        for parts, channels in self._left_out.items():
            text = f"Left out: {', '.join(part.replace('_', ' ') for part in parts)}"
            yield Finding("note", "left_out", text, rule="capabilities", where=", ".join(channels))

    def reason(self, channel: Channel) -> str:
        """Returns why this channel was chosen."""
        return str(self._chosen(channel).reason)

    def _chosen(self, channel: Channel) -> Any:
        return self._reasons[channel.id]

    def _place_line(self, channel: Channel) -> str | None:
        labels = {f"{match.layer}:{match.id}": match.label for match in self._draft.survey.matches}
        named = [labels[via] for via in self._chosen(channel).via if via in labels]
        return ", ".join(named) or None

    def _rendition(self, item: Media, capabilities: Capabilities, language: str) -> Rendition:
        wanted = (item.digest, capabilities, language)
        if wanted not in self._renditions:
            made = clean(item, capabilities, language)
            self._renditions[wanted] = made
            self.media[made.digest] = made.content
        return self._renditions[wanted]


def _document(
    draft: Draft, by: str, posts: list[dict[str, Any]], closing: dict[str, dict[str, Any]], findings: Iterable[Finding]
) -> dict[str, Any]:
    used = sorted({channel.account for channel in draft.selected.recipients})
    accounts = {name: account_document(draft.accounts[name].account) for name in used}
    return {
        "format": 1,
        "alert": draft.gated.public.to_dict()
        | {name: getattr(draft.alert, name) for name in ("urgency", "severity", "certainty", "at_expiry", "purpose", "lead")}
        | {"audience": draft.alert.audience.to_dict()},
        "by": by,
        "area": draft.alert.area.to_dict()
        | {"label": draft.gated.public.area_label, "digest": draft.alert.area.digest, "picture": bytes_digest(draft.picture)}
        | {"author": draft.alert.area_author, "reason": draft.alert.area_reason, "accepted": dict(draft.alert.accept)},
        "layers": [_layer(layer) for layer in draft.layers],
        "survey": draft.survey.to_dict(),
        "selections": [selection.to_dict() for selection in draft.selected.selections],
        "visit_list": [visit.to_dict() for visit in draft.selected.visit_list],
        "posts": posts,
        "closing": closing,
        "capabilities": {name: draft.accounts[name].capabilities.to_dict() for name in used},
        "accounts": accounts,
        "findings": [finding.to_dict() for finding in findings],
    }


def _follows(followup: Followup | None) -> dict[str, str | None]:
    return {"how": "new" if followup is None else followup.how, "of": None if followup is None else followup.of}


def account_document(account: Account) -> dict[str, str]:
    """Returns what an approval covers of an account: publisher, mode, and the digest of its options; no secret is among them."""
    options = json.loads(json.dumps(dict(account.options), default=str))
    return {"publisher": account.publisher, "mode": account.mode, "options": part_digest(options)}


def _findings(draft: Draft) -> Iterable[Finding]:
    yield from draft.gated.findings
    yield from draft.selected.findings


def _spoken(draft: Draft) -> Iterable[Spoken]:
    """Yields what each chosen channel speaks for; a venue's own contact speaks for nobody but the venue."""
    layers = {layer.name: layer for layer in draft.layers}
    via = {one.id: one.via for one in draft.selected.chosen if one.kind == "channel"}
    for channel in draft.selected.recipients:
        if channel.venue is None:
            told = {(layer, key) for layer, _, key in (each.partition(":") for each in via.get(channel.id, ()))}
            pairs = told | {_written(layers, pair) for pair in channel.speaks_for if pair != EVERYWHERE}
            everywhere, public = EVERYWHERE in channel.speaks_for, channel.scope == "public"
            yield Spoken(channel=channel.id, pairs=frozenset(pairs), everywhere=everywhere, public=public)


def _written(layers: Mapping[str, Layer], pair: tuple[str, str]) -> tuple[str, str]:
    layer = layers.get(pair[0])
    return pair if layer is None or pair[1] == "*" else (layer.name, str(layer.ids[layer.position(pair[1])]))


def _layer(layer: Layer) -> dict[str, Any]:
    dates = {name: value.isoformat() if (value := getattr(layer, name)) else None for name in ("valid_from", "valid_to")}
    plain = {name: getattr(layer, name) for name in ("name", "version", "source", "licence", "native_crs", "accuracy_m", "digest")}
    return plain | dates | {"boundaries": len(layer), "repairs": [repair.to_dict() for repair in layer.repairs]}


def _restricted(alert: Alert) -> dict[str, Any]:
    people = alert.restricted.parts()
    places = [place.to_dict() for place in alert.restricted.withheld]
    return {name: value for name, value in {"people": people, "withheld": places}.items() if value}
