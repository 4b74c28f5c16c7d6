"""What we promise people, in numbers; rules and sentences both read it here."""

# From the form to the confirmation: so long its link works, and then what was typed is deleted.
CONFIRM_DAYS = 7
# So long a closed call still takes confirmations.
GRACE_HOURS = 24
# So long the link to one's own signature works.
LINK_DAYS = 30
# So long withdrawing can be undone; then name and reason are deleted.
UNDO_HOURS = 24
# So long an address is kept, at most, of who wants to be told what was decided about their story.
DECISION_DAYS = 30
# So long, at most, name, address and network of who reports something are kept; sooner it is the outcome that ends it.
REPORT_ADDRESS_DAYS = 30
# Each report after the first counts as so much waiting.
REPORT_STEP_HOURS = 12
# So long after the outcome a report can be looked at, and a second look asked for; then it is deleted. Its link works
# for longer, as an outcome takes its time.
REPORT_DAYS = 180
REPORT_LINK_DAYS = 365
# So long it is known that there was an e-mail; its address goes when it is sent.
LETTER_DAYS = 30
# So long the log of organisers' acts is kept, as migration 0008 enforces; and so long from which network they came.
AUDIT_YEARS = 3
AUDIT_NETWORK_DAYS = 30
# So long a backup is kept; deploy/backup.sh says the same.
BACKUP_DAYS = 30
# So long a link to the preview of a draft works.
PREVIEW_DAYS = 30
# So long a form may stand open.
FORM_HOURS = 12

# So long an invitation can be accepted, and a link to a new password or a new address is good.
INVITATION_DAYS = 7
ACCOUNT_LINK_HOURS = 24
# So long the owner of an account can object to a way around its factors, and so long it is open then.
RESET_NOTICE_HOURS = 24
RESET_DAYS = 7
# So long a browser is known in which somebody signed in.
DEVICE_DAYS = 90
# After so many minutes a sensitive act asks again who is there.
FRESH_MINUTES = 10

PASSWORD_MIN_LENGTH = 12
PASSWORD_MAX_LENGTH = 128

LETTERS_PER_CALL_A_DAY = 8

NAME_LENGTH = 80
STORY_LENGTH = 500
DREAM_LENGTH = 1500
HERO_LENGTH = 280
TAGLINE_LENGTH = 80
LINE_LENGTH = 160
LINK_LENGTH = 300
REPORT_LENGTH = 2000

# So many passkeys one account may have, and so many recovery codes it gets.
PASSKEYS = 20
PASSKEY_NAME_LENGTH = 80
RECOVERY_CODES = 10

# So long after it was uploaded a picture is deleted that no call uses.
UNUSED_PICTURE_DAYS = 90

# What partners report is asked about before it counts: more for one day, more in 24 hours, more than so many times what
# is usual for the partner (from a number on that is worth asking about).
PARTNER_REPORT_AT_ONCE = 1000
PARTNER_REPORTS_AT_ONCE = 5000
PARTNER_REPORT_TIMES_USUAL = 10
PARTNER_REPORT_ASK_FROM = 100
# The most signatures in one table, the longest note of their source, and how many tokens of a partner may be good.
PARTNER_REPORT_MOST = 1_000_000
PARTNER_SOURCE_LENGTH = 500
PARTNER_TOKENS = 10
PARTNER_TOKEN_NAME_LENGTH = 80

# So long the link to a partner's own page works, so many days its figures go back, and so many signatures a minute are
# shown to organisers as a surge. In public, what a partner brought has a number from this one on.
PARTNER_LINK_DAYS = 30
PARTNER_FIGURES_DAYS = 30
PARTNER_SURGE = 20
SMALLEST_CELL = 10

# So many sites can be named that may show the form of a call in a frame.
FRAME_ORIGINS = 50
