"""The tables."""

from petition.models.base import Base
from petition.models.calls import (
    CONFIRMING_GRACE,
    Call,
    CallKind,
    CallState,
    CallText,
    end_of_confirmations,
    hidden_from_public,
)
from petition.models.campaigns import Campaign, CampaignText
from petition.models.guard import RateCount
from petition.models.keys import DigestKey
from petition.models.letters import Letter, LetterState
from petition.models.signing import (
    CONFIRM_WITHIN,
    CONSENT_VERSION,
    FORM_COLUMNS,
    IS_COUNTED,
    IS_PENDING,
    BlockedAddress,
    Signature,
    SignatureState,
    SilencedAddress,
    link_id,
    version_of,
)
from petition.models.totals import Dimension, Tally

__all__ = [
    "CONFIRMING_GRACE",
    "CONFIRM_WITHIN",
    "CONSENT_VERSION",
    "FORM_COLUMNS",
    "IS_COUNTED",
    "IS_PENDING",
    "Base",
    "BlockedAddress",
    "Call",
    "CallKind",
    "CallState",
    "CallText",
    "Campaign",
    "CampaignText",
    "DigestKey",
    "Dimension",
    "Letter",
    "LetterState",
    "RateCount",
    "Signature",
    "SignatureState",
    "SilencedAddress",
    "Tally",
    "end_of_confirmations",
    "hidden_from_public",
    "link_id",
    "version_of",
]
