"""Ed25519 keys of people (RFC 8032): the private one as PKCS#8 PEM, the public one as one line.

    geoalert-ed25519 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= t.singh

The text in the middle is the 32 bytes of the key, base64. A fingerprint is `SHA256:` and the base64 of their SHA-256, unpadded.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoalert.errors import ConfigurationError, PlanError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KIND = "geoalert-ed25519"
_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class PublicKey:
    """A person's public key: proves who signed."""

    content: bytes

    def __repr__(self) -> str:
        return f"PublicKey({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """What people compare by voice: `SHA256:` and 43 characters."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.content).digest()).decode().rstrip("=")

    def line(self, name: str) -> str:
        """Returns the key as its file has it."""
        return f"{KIND} {base64.b64encode(self.content).decode()} {name}\n"

    @classmethod
    def parse(cls, text: str, *, file: object) -> tuple[PublicKey, str]:
        """Returns the key of a public key's file, and the name in it.

        Raises:
            ConfigurationError: `invalid_key`; the text is never shown, for it may be a private key.
        """
        words = text.split()
        try:
            content = base64.b64decode(words[1], validate=True) if len(words) == 3 and words[0] == KIND else b""
        except (binascii.Error, ValueError):
            content = b""
        if len(content) != _BYTES:
            do = "Give the .pub file that `geoalert keys new` wrote"
            raise ConfigurationError("this is no public key", code="invalid_key", file=file, do=do)
        return cls(content), words[2]

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Tells whether this key's owner signed these bytes."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.content).verify(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


class PrivateKey:
    """A person's private key: signs; shows its fingerprint alone."""

    __slots__ = ("_key",)

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.fingerprint})"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a private key is neither copied nor pickled")

    @classmethod
    def new(cls) -> PrivateKey:
        """Makes a key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, content: bytes, *, passphrase: str | None, file: object) -> PrivateKey:
        """Reads a PKCS#8 PEM; a passphrase that the key does not need is left aside.

        Raises:
            PlanError: `key_locked`, `wrong_passphrase`, `invalid_key`.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        locked = b"ENCRYPTED" in content
        if locked and passphrase is None:
            do = "Name the place of its passphrase: --passphrase env:NAME, file:PATH or keyring:SERVICE/NAME"
            raise PlanError("the signing key needs its passphrase", code="key_locked", file=file, field="passphrase", do=do)
        try:
            key = serialization.load_pem_private_key(content, password=passphrase.encode() if locked and passphrase else None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if isinstance(key, Ed25519PrivateKey):
            return cls(key)
        # Raised outside of the except clause: the library's words could quote the file.
        if locked and key is None:
            raise PlanError(
                "the signing key does not open with this passphrase",
                code="wrong_passphrase",
                file=file,
                field="passphrase",
                do="Check the place that --passphrase names",
            )
        do = "Give the private key that `geoalert keys new` wrote"
        raise PlanError("this is no Ed25519 signing key", code="invalid_key", file=file, field="key", do=do)

    @property
    def public(self) -> PublicKey:
        """The key that proves this one's signatures."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def pem(self, passphrase: str | None = None) -> bytes:
        """Returns the key as its file has it, locked by the passphrase where there is one."""
        from cryptography.hazmat.primitives import serialization

        lock = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)

    def sign(self, content: bytes) -> bytes:
        """Returns the signature, 64 bytes."""
        return self._key.sign(content)
