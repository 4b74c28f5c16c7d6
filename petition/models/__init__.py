"""The tables."""

from petition.models.accounts import (
    AccountReset,
    Challenge,
    EmailChange,
    KnownDevice,
    Organiser,
    OrganiserSession,
    Passkey,
    RecoveryCode,
)
from petition.models.audit import AuditEntry, AuditNetwork
from petition.models.base import Base
from petition.models.call_files import CallFile
from petition.models.calls import (
    CONFIRMING_GRACE,
    SHOWN,
    Call,
    CallKind,
    CallState,
    CallText,
    RemovalReason,
    end_of_confirmations,
    hidden_from_public,
)
from petition.models.campaigns import Campaign, CampaignText, Team
from petition.models.contents import (
    TEXT_FIELDS,
    AddresseeContent,
    CallContent,
    TextContent,
    call_columns,
    content_of,
    moment,
    text_columns,
    text_content,
)
from petition.models.guard import RateCount
from petition.models.keys import DigestKey
from petition.models.letters import Letter, LetterState
from petition.models.pictures import Picture
from petition.models.settings import BANNER_LENGTH, BANNERS, Switch
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
from petition.models.teams import Invitation, InvitationState, Membership, Role, Transfer
from petition.models.totals import Dimension, Tally
from petition.models.versions import CallAlias, CallEvent, CallEventKind, CallRevision, CallVersion, PreviewLink

__all__ = [
    "BANNERS",
    "BANNER_LENGTH",
    "CONFIRMING_GRACE",
    "CONFIRM_WITHIN",
    "CONSENT_VERSION",
    "FORM_COLUMNS",
    "IS_COUNTED",
    "IS_PENDING",
    "SHOWN",
    "TEXT_FIELDS",
    "AccountReset",
    "AddresseeContent",
    "AuditEntry",
    "AuditNetwork",
    "Base",
    "BlockedAddress",
    "Call",
    "CallAlias",
    "CallContent",
    "CallEvent",
    "CallEventKind",
    "CallFile",
    "CallKind",
    "CallRevision",
    "CallState",
    "CallText",
    "CallVersion",
    "Campaign",
    "CampaignText",
    "Challenge",
    "DigestKey",
    "Dimension",
    "EmailChange",
    "Invitation",
    "InvitationState",
    "KnownDevice",
    "Letter",
    "LetterState",
    "Membership",
    "Organiser",
    "OrganiserSession",
    "Passkey",
    "Picture",
    "PreviewLink",
    "RateCount",
    "RecoveryCode",
    "RemovalReason",
    "Role",
    "Signature",
    "SignatureState",
    "SilencedAddress",
    "Switch",
    "Tally",
    "Team",
    "TextContent",
    "Transfer",
    "call_columns",
    "content_of",
    "end_of_confirmations",
    "hidden_from_public",
    "link_id",
    "moment",
    "text_columns",
    "text_content",
    "version_of",
]
