"""The tables."""

from petition.models.base import Base
from petition.models.calls import CONFIRMING_GRACE, Call, CallKind, CallState, CallText, end_of_confirmations
from petition.models.campaigns import Campaign, CampaignText
from petition.models.guard import RateCount
from petition.models.keys import DigestKey
from petition.models.letters import Letter, LetterState
from petition.models.signing import CONFIRM_WITHIN, BlockedAddress, Signature, SignatureState
from petition.models.totals import Dimension, Tally

__all__ = [
    "CONFIRMING_GRACE",
    "CONFIRM_WITHIN",
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
    "Tally",
    "end_of_confirmations",
]
