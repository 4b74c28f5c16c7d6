"""What counters and badges say on other people's pages, in all official languages of the European Union.

What is counted stands after a number, whatever the number is, so it is said as after a large one.
"""

from typing import NamedTuple

from babel.numbers import format_decimal

from petition.lib.languages import locale


class EmbedWords(NamedTuple):
    """What is counted, what the button says, the goal with ``{goal}`` for its number, and that the call has closed."""

    signatures: str
    sign: str
    of: str
    closed: str


EMBED_WORDS = {
    "bg": EmbedWords("подписа", "Подпишете", "от {goal}", "Приключи"),
    "cs": EmbedWords("podpisů", "Podepsat", "z {goal}", "Uzavřeno"),
    "da": EmbedWords("underskrifter", "Skriv under", "af {goal}", "Lukket"),
    "de": EmbedWords("Unterschriften", "Unterschreiben", "von {goal}", "Beendet"),
    "el": EmbedWords("υπογραφές", "Υπογράψτε", "από {goal}", "Έκλεισε"),
    "en": EmbedWords("signatures", "Sign", "of {goal}", "Closed"),
    "es": EmbedWords("firmas", "Firmar", "de {goal}", "Cerrada"),
    "et": EmbedWords("allkirja", "Allkirjasta", "eesmärk {goal}", "Suletud"),
    "fi": EmbedWords("allekirjoitusta", "Allekirjoita", "tavoite {goal}", "Päättynyt"),
    "fr": EmbedWords("signatures", "Signer", "sur {goal}", "Close"),
    "ga": EmbedWords("síniú", "Sínigh", "as {goal}", "Dúnta"),
    "hr": EmbedWords("potpisa", "Potpiši", "od {goal}", "Zatvoreno"),
    "hu": EmbedWords("aláírás", "Aláírom", "cél: {goal}", "Lezárva"),
    "it": EmbedWords("firme", "Firma", "su {goal}", "Chiusa"),
    "lt": EmbedWords("parašų", "Pasirašyti", "iš {goal}", "Baigta"),
    "lv": EmbedWords("paraksti", "Parakstīt", "no {goal}", "Slēgta"),
    "mt": EmbedWords("firem", "Iffirma", "minn {goal}", "Magħluqa"),
    "nl": EmbedWords("handtekeningen", "Teken", "van {goal}", "Gesloten"),
    "pl": EmbedWords("podpisów", "Podpisz", "z {goal}", "Zamknięta"),
    "pt": EmbedWords("assinaturas", "Assinar", "de {goal}", "Encerrada"),
    "ro": EmbedWords("semnături", "Semnează", "din {goal}", "Închisă"),
    "sk": EmbedWords("podpisov", "Podpísať", "z {goal}", "Uzavretá"),
    "sl": EmbedWords("podpisov", "Podpiši", "od {goal}", "Zaključeno"),
    "sv": EmbedWords("underskrifter", "Skriv under", "av {goal}", "Avslutad"),
}


def written(number: int, language: str) -> str:
    """Return a number as people write it in one of these languages."""
    return format_decimal(number, locale=locale(language))
