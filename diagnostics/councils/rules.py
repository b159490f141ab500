"""What a field, a date or a list of members may hold: one refusal for each thing that is wrong."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date

from diagnostics.errors import Refused
from diagnostics.wording import NARROW, quoted

NAME_LENGTH, WHO_LENGTH, SOURCE_LENGTH, STATUS_LENGTH = 150, 60, 1000, 100
NO_PERSONAL_DATA = (
    f"Aucune donnée personnelle{NARROW}: ni nom de personne, ni adresse, ni fait individuel (les "
    "faits confidentiels des groupes de travail n’en sortent pas, CSI, art. L132-5)."
)
"""To be said beside every free field."""
WHO_HELP = (
    f"Le service qui modifie, par exemple {quoted('préfecture')}{NARROW}: jamais un nom de "
    "personne ni une adresse électronique."
)
"""To be said beside the field that says who changes the list."""
_FIRST_YEAR, _LAST_YEAR = 1980, 2100  # beyond, a date is a slip of the keyboard
# A spreadsheet runs a cell that begins so.
_FORMULA = ("=", "+", "-", "@")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
# Ten digits, or nine after the country's code. In an address of the web, they number a page.
_PHONE = re.compile(r"(?<![\w/.=-])(\+33\s?(\(0\)\s?)?|0033\s?|0)[1-9]([\s.-]?\d{2}){4}(?![\w/])")
# They reorder what is read, so that a text is not what it seems.
_REORDERING = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def plain(text: str, label: str, limit: int, *, required: bool = True) -> str:
    """Return a text of one line, trimmed, that a spreadsheet will not take for a formula.

    `label` begins the refusal: « Le nom du conseil ».

    Raises:
        Refused: empty, too long, control characters, a formula.
    """
    cleaned = _cleaned(text, label, limit)
    if required and not cleaned:
        raise Refused(f"{label} est vide{NARROW}: le remplir.")
    if "\n" in cleaned or "\t" in cleaned:
        raise Refused(f"{label} tient sur une ligne{NARROW}: enlever les retours et tabulations.")
    if cleaned.startswith(_FORMULA):
        raise Refused(
            f"{label} commence par {quoted(cleaned[0])}, ce qu’un tableur prend pour une "
            f"formule{NARROW}: commencer par une lettre ou un chiffre."
        )
    return cleaned


def impersonal(text: str, label: str, limit: int, *, required: bool = True) -> str:
    """Return a text as `plain` does, that holds no way to reach a person.

    Raises:
        Refused: an e-mail address, a French phone number, or what `plain` refuses.
    """
    cleaned = plain(text, label, limit, required=required)
    for pattern, what in ((_EMAIL, "une adresse électronique"), (_PHONE, "un numéro de téléphone")):
        if pattern.search(cleaned):
            raise Refused(
                f"{label} contient {what}{NARROW}: l’enlever, aucune donnée personnelle n’est "
                "gardée."
            )
    return cleaned


def paragraphs(text: str, label: str, limit: int) -> str:
    """Return a text of several lines, trimmed.

    Raises:
        Refused: too long, control characters.
    """
    return _cleaned(text.replace("\r\n", "\n").replace("\r", "\n"), label, limit)


def _cleaned(text: str, label: str, limit: int) -> str:
    cleaned = unicodedata.normalize("NFC", text).strip()
    if len(cleaned) > limit:
        raise Refused(
            f"{label} a {len(cleaned)} caractères, au plus {limit} sont gardés{NARROW}: raccourcir."
        )
    for character in cleaned:
        control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
        if control or character in _REORDERING:
            raise Refused(
                f"{label} contient un caractère invisible (U+{ord(character):04X}){NARROW}: le "
                "retaper sans copier-coller."
            )
    return cleaned


def service(who: str) -> str:
    """Return who changes the list: a service.

    Raises:
        Refused: empty, too long, or an e-mail address.
    """
    cleaned = plain(who, "Le champ « qui modifie »", WHO_LENGTH)
    if "@" in cleaned:
        raise Refused(
            "Le champ « qui modifie » ne garde pas d’adresse électronique\u202f: dire le service, "
            "par exemple « préfecture »."
        )
    return cleaned


def sensible(day: date | None, label: str) -> None:
    """Refuse a date that no council can have.

    Raises:
        Refused: a year before 1980 or after 2100.
    """
    if day is not None and not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Refused(
            f"{label} est en {day.year}{NARROW}: donner une date entre {_FIRST_YEAR} et "
            f"{_LAST_YEAR}."
        )


def known(codes: Iterable[str], communes: Mapping[str, str]) -> None:
    """Refuse a commune that does not exist. `communes`: {code_insee: name}.

    Raises:
        Refused: the first code that is not among them.
    """
    for code in codes:
        if code not in communes:
            raise Refused(
                f"La commune {quoted(code)} n’existe pas dans le code officiel géographique "
                f"chargé{NARROW}: vérifier ce code."
            )
