"""Every error geoalert raises on purpose; the class of a publish error is the delivery policy.

GeoAlertError
  AlertError            an alert that is not valid
    CapError              a CAP document that is not valid
    GateRefused           a rule of law or privacy said no; `rule` names it
  AreaError             an area or area rule that cannot be what was meant
  BoundaryError         a layer, or something asked of one, that is not valid
    LayerNotFound         no layer, boundary or place of that name
    CRSError              a coordinate reference system missing, unknown or too inaccurate
    GeometryError         coordinates that cannot be right
  DirectoryError        a row of channels, venues or units that is not valid
  PlanError             a plan that cannot be made, read, approved or sent
    NotApproved           nobody approved this digest
    PlanChanged           the bytes are not the ones that were approved
    FourEyes              the approver is the submitter
    NotLive               exercise and live may not meet
  OutboxError           the ledger cannot be read or written
  PublishError          one delivery failed; carries publisher, account, channel, key
    NotSent               nothing arrived: safe to repeat
    Rejected              the other side, or a capability, said no: do not repeat
      Unsupported           the publisher has no such verb or feature
    OutcomeUnknown        nobody knows whether it arrived: find it, else ask a person

ConfigurationError      outside the tree on purpose, so that nothing which catches GeoAlertError hides it
"""

from __future__ import annotations

from datetime import date
from numbers import Number
from pathlib import PurePath
from typing import Any

_TELLING = 4
"""Characters from which a value that stands in a text is not there by chance."""


class ExplainedError(Exception):
    """An error that says what failed, where, with which value, and what to do.

    Attributes:
        code: stable snake_case name, the same in Python, in the command line's JSON and in HTTP answers.
        file: the file that was read, as the user named it.
        row: row of a table, line of a text file, or number of a feature, counted from 1.
        field: the column, key or option.
        value: the offending value as text; never a secret.
        do: what to do about it, one sentence.
    """

    code = "error"

    def __init__(
        self,
        what: str,
        *,
        code: str | None = None,
        file: object = None,
        row: int | None = None,
        field: str | None = None,
        value: object = None,
        do: str | None = None,
    ) -> None:
        what = _writable(what)
        super().__init__(what)
        self.what = what
        if code is not None:
            self.code = _writable(code)
        self.file = None if file is None else _writable(str(file))
        self.row = row
        self.field = field
        self.value = None if value is None else _short(value)
        self.do = None if do is None else _writable(do)

    def __str__(self) -> str:
        where = [self.file] if self.file else []
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.field:
            where.append(self.field)
        text = f"{', '.join(where)}: {self.what}" if where else self.what
        if self.value is not None and not self._says_value(text):
            text += f" (got {self.value})"
        return f"{text}. {self.do}" if self.do else text

    def _says_value(self, text: str) -> bool:
        """Returns whether the text shows the value already; a short one, such as 0, only where it is quoted or the field itself."""
        value = self.value or ""
        quoted = any(f"{mark}{value}{mark}" in text for mark in "'\"`")
        return quoted or value == self.field or (len(value) >= _TELLING and value in text)

    def to_dict(self) -> dict[str, Any]:
        """Returns the design's JSON form: code, message, file, row, field, value, do."""
        return {
            "code": self.code,
            "message": self.what,
            "file": self.file,
            "row": self.row,
            "field": self.field,
            "value": self.value,
            "do": self.do,
        }


def _short(value: object) -> str:
    plain = str if isinstance(value, str | PurePath | Number) else repr
    text = _writable(value.isoformat() if isinstance(value, date) else plain(value))
    return text if len(text) <= 200 else f"{text[:197]}..."


def _writable(text: str) -> str:
    """Returns a text without lone surrogates, which no file and no terminal takes."""
    return text if text.isascii() else text.encode(errors="replace").decode()


class GeoAlertError(ExplainedError):
    """Base of everything that can go wrong with an alert, a place, a plan or a delivery."""

    code = "geoalert_error"


class AlertError(GeoAlertError):
    """An alert that is not valid."""

    code = "invalid_alert"


class CapError(AlertError):
    """A CAP document that is not valid."""

    code = "invalid_cap"


class GateRefused(AlertError):
    """A rule of law or privacy refused the alert.

    Attributes:
        rule: the rule's name, as in the finding that refused.
    """

    code = "gate_refused"

    def __init__(self, what: str, *, rule: str, code: str | None = None, field: str | None = None, do: str | None = None) -> None:
        super().__init__(what, code=code, field=field, do=do)
        self.rule = rule


class AreaError(GeoAlertError):
    """An area or area rule that cannot be what was meant."""

    code = "invalid_area"


class BoundaryError(GeoAlertError):
    """A layer, or something asked of one, that is not valid."""

    code = "invalid_layer"


class LayerNotFound(BoundaryError):
    """No layer, boundary or place of that name.

    Attributes:
        layer: of a boundary, the layer that was asked.
    """

    code = "not_found"
    layer: str | None = None


class CRSError(BoundaryError):
    """A coordinate reference system that is missing, unknown or too inaccurate."""

    code = "invalid_crs"


class GeometryError(BoundaryError):
    """Coordinates that cannot be right."""

    code = "invalid_geometry"


class DirectoryError(GeoAlertError):
    """A row of channels, venues or units that is not valid."""

    code = "invalid_directory"


class PlanError(GeoAlertError):
    """A plan that cannot be made, read, approved or sent."""

    code = "invalid_plan"


class NotApproved(PlanError):
    """Nobody approved this digest."""

    code = "not_approved"


class PlanChanged(PlanError):
    """The stored bytes are not the ones that were approved."""

    code = "plan_changed"


class FourEyes(PlanError):
    """The approver is the person who submitted the plan."""

    code = "four_eyes"


class NotLive(PlanError):
    """An exercise may not reach a live account, nor an actual alert a sandbox."""

    code = "not_live"


class OutboxError(GeoAlertError):
    """The ledger cannot be read or written."""

    code = "outbox_unusable"


class PublishError(GeoAlertError):
    """One delivery failed; the subclass says whether it may be repeated.

    Attributes:
        publisher, account, channel, key: which delivery; set by the worker where the publisher left them out.
    """

    code = "publish_failed"

    def __init__(
        self,
        what: str,
        *,
        publisher: str | None = None,
        account: str | None = None,
        channel: str | None = None,
        key: str | None = None,
        code: str | None = None,
        field: str | None = None,
        value: object = None,
        do: str | None = None,
    ) -> None:
        super().__init__(what, code=code, field=field, value=value, do=do)
        self.publisher = publisher
        self.account = account
        self.channel = channel
        self.key = key


class NotSent(PublishError):
    """Nothing arrived, so repeating is safe.

    Attributes:
        retry_after_s: seconds the other side asked us to wait, if it did.
        whole_account: whether the wait, or the silence, is about every post of the account; False where only this one was put off.
    """

    code = "not_sent"

    def __init__(self, what: str, *, retry_after_s: float | None = None, whole_account: bool = True, **where: Any) -> None:
        super().__init__(what, **where)
        self.retry_after_s = retry_after_s
        self.whole_account = whole_account


class Rejected(PublishError):
    """The other side, or a capability, said no; repeating would be refused again."""

    code = "rejected"


class Unsupported(Rejected):
    """The publisher has no such verb or feature."""

    code = "unsupported"


class OutcomeUnknown(PublishError):
    """Nobody knows whether the post arrived; it is never blindly repeated."""

    code = "outcome_unknown"


class ConfigurationError(ExplainedError):
    """The project, its accounts or its dependencies are set up wrongly."""

    code = "invalid_configuration"
