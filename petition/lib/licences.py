"""The licences under which a picture may be shown, with the page that says what each allows."""

# What is shown by another name in each language: all rights are reserved, and we were allowed to use it.
WITH_PERMISSION = "with permission"

LICENCES = {
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "Public Domain Mark 1.0": "https://creativecommons.org/publicdomain/mark/1.0/",
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    WITH_PERMISSION: "https://rightsstatements.org/vocab/InC/1.0/",
}
