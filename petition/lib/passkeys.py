"""Passkeys (WebAuthn level 3): what a browser is asked, and whether its answer is true.

Every passkey is discoverable, so nobody need type who they are, and verifies its person by itself, with a fingerprint
or a PIN; so it is two factors in one.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from petition.errors import PetitionError

# So long a challenge may be answered.
LIFETIME = timedelta(minutes=5)

_MILLISECONDS = LIFETIME // timedelta(milliseconds=1)
_REQUIRED = UserVerificationRequirement.REQUIRED
# WebAuthn §7.1: no id of a credential is longer.
_ID_BYTES = 1023

# What the library raises for an answer that it cannot read: its own errors, and those of what it takes apart.
_FAULTS = (
    WebAuthnException,
    InvalidSignature,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    RecursionError,
)


class Untrue(PetitionError):
    """Raised for an answer that no authenticator of this person gave to us, or that cannot be read."""


class RelyingParty(NamedTuple):
    """Who asks: the host to which passkeys are bound, and the origin of its pages."""

    id: str
    origin: str


class NewPasskey(NamedTuple):
    """What an authenticator tells of a passkey that it has made; ``transports`` are words joined by commas."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: str


class Assertion(NamedTuple):
    """What an authenticator says when somebody signs in: with which passkey, whose it thinks it is, its counter."""

    credential_id: bytes
    user_handle: bytes
    challenge: bytes


def relying_party(base_url: str) -> RelyingParty:
    """Return who asks, from the address of the site."""
    return RelyingParty(urlsplit(base_url).hostname or "", base_url)


def creation_options(
    party: RelyingParty, challenge: bytes, *, handle: bytes, account: str, name: str, known: Iterable[tuple[bytes, str]]
) -> dict[str, Any]:
    """Return what ``navigator.credentials.create`` is asked, as JSON.

    ``handle`` is how authenticators know the account. ``known`` are the ids and transports of passkeys that there are
    already: an authenticator with one of them refuses.
    """
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.id,
        user_id=handle,
        user_name=account,
        user_display_name=name,
        challenge=challenge,
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(
                id=credential_id, transports=[AuthenticatorTransport(word) for word in transports.split(",") if word]
            )
            for credential_id, transports in known
        ],
    )
    return _json(options)


def request_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """Return what ``navigator.credentials.get`` is asked, as JSON: any passkey of this site."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id, challenge=challenge, timeout=_MILLISECONDS, user_verification=_REQUIRED
    )
    return _json(options)


def registered_challenge(answer: Any) -> bytes:
    """Return the challenge in the answer to ``create``, not yet verified; raises Untrue."""
    try:
        credential = parse_registration_credential_json(answer)
        return parse_client_data_json(credential.response.client_data_json).challenge
    except _FAULTS:
        raise Untrue from None


def verify_new(answer: Any, party: RelyingParty, challenge: bytes) -> NewPasskey:
    """Return the passkey that was made for us in answer to a challenge, its person verified; raises Untrue."""
    try:
        credential = parse_registration_credential_json(answer)
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _FAULTS:
        raise Untrue from None
    if len(found.credential_id) > _ID_BYTES:
        raise Untrue
    transports = ",".join(transport.value for transport in credential.response.transports or ())
    return NewPasskey(found.credential_id, found.credential_public_key, found.sign_count, transports[:100])


def read_assertion(answer: Any) -> Assertion:
    """Return what the answer to ``get`` says, not yet verified; raises Untrue."""
    try:
        credential = parse_authentication_credential_json(answer)
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
    except _FAULTS:
        raise Untrue from None
    return Assertion(credential.raw_id, credential.response.user_handle or b"", challenge)


def verify_assertion(answer: Any, party: RelyingParty, challenge: bytes, public_key: bytes) -> int:
    """Return the authenticator's counter when the owner of a key signed a challenge for us, verified; raises Untrue.

    What the counter means is not judged here.
    """
    try:
        return webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        ).new_sign_count
    except _FAULTS:
        raise Untrue from None


def _json(options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found
