"""A named person's yes to one digest, kept beside the plan and never inside it; signed where the plan is of status actual."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from geoalert.errors import FourEyes, NotApproved, PlanChanged, PlanError
from geoalert.plan.digest import canonical
from geoalert.plan.model import Plan
from geoalert.plan.page import page_html
from geoalert.plan.signature import PrivateKey, PublicKey
from geoalert.text import fold, hidden_mark

FORMAT = 1
SIGNED_AS = b"geoalert approval 1\n"
"""Goes before what is signed, so that no signature of anything else is ever an approval."""
_SIGNED = ("alert", "revision", "digest", "by", "reason", "role")


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved which digest, when, in which role and why.

    Attributes:
        key: fingerprint of the key that signed; None where nobody signed.
        signature: Ed25519 over `signed_bytes`, base64.
    """

    alert: str
    revision: int
    digest: str
    by: str
    at: datetime
    reason: str = ""
    role: str = "approver"
    key: str | None = None
    signature: str | None = None

    def __post_init__(self) -> None:
        texts = (self.alert, self.digest, self.by, self.reason, self.role)
        optional = (self.key, self.signature)
        if not all(isinstance(text, str) for text in texts) or not all(text is None or isinstance(text, str) for text in optional):
            raise TypeError("an approval is made of texts")
        if isinstance(self.revision, bool) or not isinstance(self.revision, int) or self.at.tzinfo is None:
            raise ValueError("an approval has a revision and an aware time")
        # Lone surrogates have no bytes that could be signed: UnicodeEncodeError is a ValueError.
        "".join(texts).encode("utf-8")
        object.__setattr__(self, "at", self.at.astimezone(UTC))

    @property
    def signed_bytes(self) -> bytes:
        """What a signature covers: a prefix of its own, then RFC 8785 JSON of everything said."""
        told = {name: getattr(self, name) for name in _SIGNED}
        return SIGNED_AS + canonical({"format": FORMAT, "at": self.at.isoformat(), **told})

    def to_dict(self) -> dict[str, Any]:
        """Returns every field, JSON-ready."""
        told = {name: getattr(self, name) for name in ("alert", "revision", "digest", "by")}
        return told | {"at": self.at.isoformat(), "reason": self.reason, "role": self.role, "key": self.key, "signature": self.signature}

    def to_json(self) -> str:
        """Returns the approval's file."""
        return json.dumps({"format": FORMAT} | self.to_dict(), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, *, file: str) -> Approval:
        """Reads an approval's file.

        Raises:
            PlanError: it is none.
        """
        try:
            told = json.loads(text)
            if told.pop("format") != FORMAT:
                raise ValueError("format")
            return cls(**told | {"at": datetime.fromisoformat(told["at"])})
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as err:
            raise PlanError(
                "this is no approval, or it is damaged", code="invalid_approval", file=file, do="Approve the plan again"
            ) from err


def approve(
    plan: Plan,
    *,
    by: str,
    at: datetime,
    reason: str = "",
    role: str = "approver",
    key: PrivateKey | None = None,
    listed: PublicKey | None = None,
) -> Approval:
    """Returns the second person's yes to a plan whose bytes were proved.

    Args:
        plan: what is approved.
        by, role: who, and as what.
        at: when.
        reason: why it is necessary and proportionate.
        key: signs; a plan of status actual needs it.
        listed: the public key that geoalert.toml lists for this person.

    Raises:
        FourEyes: the approver submitted it.
        NotApproved: `signature_needed`, the plan is of status actual; `no_key_listed`, `wrong_key`.
        PlanChanged: the plan's bytes are not the digested ones.
    """
    plan.verify()
    if page_html(plan.document, media=plan.media, picture=plan.picture) != plan.page:
        raise PlanChanged(
            "the page to read is not that of these posts", code="page_differs", file=plan.name, do="Plan the alert again with this version"
        )
    if not isinstance(by, str) or not fold(by):
        raise PlanError("an approval needs a name", code="missing_name", field="by", do="Say who approves: --as NAME")
    if fold(by) == fold(plan.by):
        raise FourEyes(
            f"{by} submitted this plan and cannot approve it",
            code="four_eyes",
            field="by",
            value=by,
            do="Ask a second person to approve it",
        )
    if hidden_mark(reason) is not None:
        raise PlanError("the reason holds a character that no reader sees", code="control_characters", field="reason", do="Type it anew")
    given = Approval(alert=plan.id, revision=plan.revision, digest=plan.digest, by=by, at=at, reason=reason, role=role)
    if key is not None:
        signature = base64.b64encode(key.sign(given.signed_bytes)).decode()
        given = replace(given, key=key.public.fingerprint, signature=signature)
        _check_signature(given, {} if listed is None else {by: listed}, code="wrong_key")
    elif plan.status == "actual":
        raise _unsigned(given)
    return given


def check_approved(
    plan: Plan, approvals: Iterable[Approval], *, keys: Mapping[str, PublicKey] | None = None, needed: int = 1
) -> tuple[Approval, ...]:
    """Returns the approvals that let this plan be sent, every signature among them proved again.

    Args:
        plan: what would be sent.
        approvals: those found, of whatever digest.
        keys: the public keys that geoalert.toml lists now, by person.
        needed: how many different people beside the submitter.

    Raises:
        NotApproved: `not_approved`, `approvals_missing`, `signature_needed`; a signature that does not hold: `signature_invalid`,
            `signed_by_another`, `key_replaced`, `no_key_listed`.
        PlanChanged: what was approved is not this digest.
        FourEyes: the only approval is the submitter's own.
    """
    plan.verify()
    given = list(approvals)
    if not given:
        raise NotApproved(
            f"nobody approved {plan.name}", code="not_approved", value=plan.digest[:12], do=f"geoalert approve {plan.id} --as NAME"
        )
    this = (plan.id, plan.revision, plan.digest)
    fitting = [approval for approval in given if (approval.alert, approval.revision, approval.digest) == this]
    if not fitting:
        raise PlanChanged(
            f"{plan.name} was approved with another digest", code="plan_changed", value=plan.digest[:12], do="Have this plan approved again"
        )
    counted: dict[str, Approval] = {}
    for approval in fitting:
        if approval.signature is not None or approval.key is not None:
            _check_signature(approval, keys or {}, code="key_replaced")
        elif plan.status == "actual":
            raise _unsigned(approval)
        if fold(approval.by) != fold(plan.by):
            counted.setdefault(fold(approval.by), approval)
    if not counted:
        raise FourEyes(f"{plan.by} submitted this plan and approved it too", code="four_eyes", do="Ask a second person to approve it")
    if len(counted) < needed:
        raise NotApproved(
            f"{plan.name} has {len(counted)} of {needed} approvals",
            code="approvals_missing",
            value=f"{needed - len(counted)} missing",
            do=f"Another approver: geoalert approve {plan.id} --as NAME",
        )
    return tuple(counted.values())


def _check_signature(approval: Approval, keys: Mapping[str, PublicKey], *, code: str) -> None:
    """Proves one signature by the key that is listed for the person; `code` is of a listed key that is not the one that signed."""
    by = fold(approval.by)
    listed = {fold(name): key for name, key in keys.items()}
    if by not in listed:
        raise NotApproved(
            f"geoalert.toml lists no key for {approval.by}",
            code="no_key_listed",
            field=f"people.{approval.by}.key",
            do="List the .pub file of the person's key there",
        )
    try:
        signature = base64.b64decode(approval.signature or "", validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    for name, key in listed.items():
        if name != by and key != listed[by] and key.verifies(signature, approval.signed_bytes):
            raise NotApproved(
                f"the approval says {approval.by}, and {name} signed it",
                code="signed_by_another",
                field="signature",
                value=name,
                do=f"{approval.by} has to approve it with a key of their own",
            )
    if approval.key != listed[by].fingerprint:
        raise NotApproved(
            f"the key that signed is not the one that geoalert.toml lists for {approval.by}",
            code=code,
            field=f"people.{approval.by}.key",
            value=approval.key,
            do=f"Sign with the key of fingerprint {listed[by].fingerprint}, or list the new one and approve again",
        )
    if not listed[by].verifies(signature, approval.signed_bytes):
        raise NotApproved(
            f"the signature of {approval.by} does not hold: the approval was changed after it was signed",
            code="signature_invalid",
            field="signature",
            value=approval.by,
            do="Have the plan approved again",
        )


def _unsigned(approval: Approval) -> NotApproved:
    return NotApproved(
        f"a plan of status actual needs a signature, and {approval.by} gave none",
        code="signature_needed",
        field="signature",
        value=approval.by,
        do=f"geoalert approve {approval.alert} --as {approval.by} --key FILE",
    )
