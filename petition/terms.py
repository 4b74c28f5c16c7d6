"""What we promise people, in numbers; rules and sentences both read it here."""

# From the form to the confirmation: so long its link works, and then what was typed is deleted.
CONFIRM_DAYS = 7
# So long a closed call still takes confirmations.
GRACE_HOURS = 24
# So long the link to one's own signature works.
LINK_DAYS = 30
# So long withdrawing can be undone; then name and reason are deleted.
UNDO_HOURS = 24
# So long it is known that there was an e-mail; its address goes when it is sent.
LETTER_DAYS = 30
# So long a backup is kept; deploy/backup.sh says the same.
BACKUP_DAYS = 30
# So long a link to the preview of a draft works.
PREVIEW_DAYS = 30
# So long a form may stand open.
FORM_HOURS = 12

LETTERS_PER_CALL_A_DAY = 8

NAME_LENGTH = 80
STORY_LENGTH = 500

# So long after it was uploaded a picture is deleted that no call uses.
UNUSED_PICTURE_DAYS = 90
