"""What is wrong with a command, in French: typer says it in English.

Its sentences are read only for the value that was typed; what is not recognised is said in general,
never left in English.
"""

import re
from typing import Any

from typer import TyperException

from diagnostics.wording import NARROW, quoted

_EXPECTED = {
    "integer": "un nombre entier est attendu",
    "boolean": "1 ou 0 est attendu",
    "number": "un nombre est attendu",
}
"""What typer's sentence speaks of, and what to say."""


def usage_sentence(error: TyperException) -> str:
    """Return one sentence that says what is wrong and where to look; "" where help was shown."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return ""
    context = getattr(error, "ctx", None)
    command = f"python -m diagnostics {_path(context)}".rstrip()
    return f"{_what(error, context)} Voir {quoted(f'{command} --help')}."


def _what(error: Any, context: Any) -> str:
    option, parameter = getattr(error, "option_name", ""), getattr(error, "param", None)
    if hasattr(error, "possibilities"):
        near = f"{NARROW}: écrire {' ou '.join(error.possibilities)}" if error.possibilities else ""
        return f"L’option {option} n’existe pas{near}."
    if option:
        needs = "requires" in error.message
        said = "demande une valeur" if needs else "s’écrit seule, sans valeur"
        return f"L’option {option} {said}."
    if parameter is not None:
        return _of_parameter(_name(parameter), error.message)
    if found := re.match(r"No such command '(.*?)'", error.message):
        known = ", ".join(context.command.commands) if context else ""
        return f"La commande {quoted(found[1])} n’existe pas{NARROW}: choisir parmi {known}."
    if found := re.search(r"unexpected extra argument.*\((.*)\)", error.message):
        return f"Ceci est de trop{NARROW}: {found[1]}."
    return "La commande n’est pas bien écrite."


def _of_parameter(name: str, message: str) -> str:
    """Say what an option or an argument misses: all of it, or a value of its kind."""
    if not message:
        return f"Il manque {name}."
    if found := re.search(r"'([^']*)' \D*? one of ('.*')", message):
        choices = found[2].replace("'", "")
        return f"{quoted(found[1])} ne convient pas à {name}{NARROW}: choisir parmi {choices}."
    if found := re.search(r"'(.*)' is a file", message):
        return f"{found[1]} est un fichier{NARROW}: donner un dossier à {name}."
    expected = next((said for word, said in _EXPECTED.items() if word in message), "")
    return f"La valeur de {name} ne convient pas{f'{NARROW}: {expected}' if expected else ''}."


def _name(parameter: Any) -> str:
    """Return how a command writes an option or an argument."""
    options = [each for each in parameter.opts if each.startswith("--")]
    return options[0] if options else str(parameter.metavar or parameter.name)


def _path(context: Any) -> str:
    """Return the names of a command under the program's, from the outermost."""
    names: list[str] = []
    while context is not None and context.parent is not None:
        names.insert(0, context.info_name)
        context = context.parent
    return " ".join(names)
