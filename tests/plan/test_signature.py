"""Keys are written, locked and read back; what is no key is one clear error that shows nothing of it."""

from __future__ import annotations

import pickle

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from geoalert.errors import ConfigurationError, PlanError
from geoalert.plan import PrivateKey, PublicKey

RFC_8032_SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_8032_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
RFC_8032_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def test_signatures_are_those_of_the_standard() -> None:
    """RFC 8032 section 7.1, test 1: key, public key and signature of no bytes."""
    key = PrivateKey(Ed25519PrivateKey.from_private_bytes(RFC_8032_SECRET))

    assert key.public.content == RFC_8032_PUBLIC
    assert key.sign(b"") == RFC_8032_SIGNATURE
    assert key.public.verifies(RFC_8032_SIGNATURE, b"")
    assert not key.public.verifies(RFC_8032_SIGNATURE, b"x")
    assert not key.public.verifies(b"", b"")


@pytest.mark.parametrize("passphrase", [None, "four fictional words here"])
def test_a_key_reads_back(passphrase: str | None) -> None:
    """With its passphrase where it has one; one that has none needs none."""
    made = PrivateKey.new()

    read = PrivateKey.parse(made.pem(passphrase), passphrase=passphrase or "unneeded", file="x.key")

    assert read.public == made.public
    assert (b"ENCRYPTED" in made.pem(passphrase)) == (passphrase is not None)


def test_a_public_key_is_one_line_with_a_name() -> None:
    """And its fingerprint is that of its 32 bytes."""
    public = PublicKey(RFC_8032_PUBLIC)

    assert public.line("t.singh") == "geoalert-ed25519 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= t.singh\n"
    assert PublicKey.parse(public.line("t.singh"), file="x.pub") == (public, "t.singh")
    assert public.fingerprint == "SHA256:If4x36FUomFia/hUBG/SJxt77UtqvkWqWId+9H+XIbk"


def _rsa() -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return generate_private_key(65537, 2048).private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


@pytest.mark.parametrize(
    ("content", "passphrase", "code"),
    [
        (PrivateKey.new().pem("right"), None, "key_locked"),
        (PrivateKey.new().pem("right"), "wrong", "wrong_passphrase"),
        (PrivateKey.new().pem("right"), "", "wrong_passphrase"),
        (_rsa(), None, "invalid_key"),
        (b"", None, "invalid_key"),
        (b"-----BEGIN PRIVATE KEY-----\nplanted-4711\n-----END PRIVATE KEY-----\n", None, "invalid_key"),
        (PublicKey(RFC_8032_PUBLIC).line("t.singh").encode(), None, "invalid_key"),
    ],
)
def test_what_is_no_usable_private_key_is_one_error(content: bytes, passphrase: str | None, code: str) -> None:
    """Nothing of the file or the passphrase is in it, causes included."""
    with pytest.raises(PlanError) as caught:
        PrivateKey.parse(content, passphrase=passphrase, file="x.key")

    assert (caught.value.code, caught.value.file) == (code, "x.key")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "4711" not in str(caught.value.to_dict())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "geoalert-ed25519",
        "geoalert-ed25519 AAAA t.singh",
        "ssh-ed25519 " + "A" * 43 + "= t",
        PrivateKey.new().pem().decode(),
        "a \ud800 b",
    ],
)
def test_what_is_no_public_key_is_one_error(text: str) -> None:
    """A private key given by mistake is not shown."""
    with pytest.raises(ConfigurationError) as caught:
        PublicKey.parse(text, file="x.pub")

    assert caught.value.code == "invalid_key"
    assert caught.value.value is None


def test_a_private_key_is_never_shown_or_copied() -> None:
    """Its repr is the fingerprint."""
    key = PrivateKey.new()

    assert repr(key) == f"PrivateKey({key.public.fingerprint})"
    with pytest.raises(TypeError):
        pickle.dumps(key)
