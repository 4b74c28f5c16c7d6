"""A software authenticator: it makes passkeys and answers challenges as a phone does, and lies where it is told to."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _HAS_KEY = 1, 4, 64


@dataclass
class Authenticator:
    """One passkey, and the browser around it: ``origin`` is what it says of the page, ``count`` its counter."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    is_verified: bool = True
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: Any) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``, as JSON."""
        self.user_handle = _bytes(options["user"]["id"])
        data = self._data(_HAS_KEY) + bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data + cbor2.dumps(self._public_key())})
        said = {"clientDataJSON": _text(self._client("create", options)), "attestationObject": _text(attestation)}
        return self._answer({**said, "transports": ["internal"]})

    def get(self, options: Any) -> dict[str, Any]:
        """Answer ``navigator.credentials.get``, as JSON."""
        data, client = self._data(), self._client("get", options)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({name: _text(value) for name, value in {**said, "userHandle": self.user_handle}.items()})

    def _answer(self, said: dict[str, Any]) -> dict[str, Any]:
        name = _text(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": said}

    def _client(self, act: str, options: Any) -> bytes:
        said = {"type": f"webauthn.{act}", "challenge": options["challenge"], "origin": self.origin}
        return json.dumps({**said, "crossOrigin": False}).encode()

    def _data(self, flags: int = 0) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.is_verified else 0)
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _public_key(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")
