"""Who may edit the list of councils: nobody by accident.

There are no accounts yet. This keeps a passer-by from editing, not an attacker from writing: who
must be kept out is kept out by the network.
"""

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from diagnostics.errors import Refused

SWITCH, ON = "DIAGNOSTIC_EDITION", "oui"
READ_ONLY = (
    "**Lecture seule.** La liste se modifie sur l’ordinateur où l’application est lancée "
    f"(adresse commençant par `http://localhost`), ou partout si l’exploitant la démarre avec "
    f"`{SWITCH}={ON}`."
)
_FORWARDING = ("forwarded", "x-forwarded", "x-real-ip", "via")


def may_edit(client_ip: str | None, headers: Mapping[str, str], switch: str | None) -> bool:
    """Say whether a session may edit.

    `client_ip`: the address of the connection, None where it is the machine's own; `headers`:
    those of the first request; `switch`: what the operator has set. A proxy on the same machine
    makes everybody local: one that says so, or that a browser reaches under a public name (`Host`,
    or `Origin` where the proxy rewrites `Host`), is not local.
    """
    if switch is not None and switch.strip().lower() == ON:
        return True
    given = {name.lower(): value for name, value in headers.items()}
    if any(name.startswith(_FORWARDING) for name in given):
        return False
    origin = given.get("origin")
    return (
        (client_ip is None or _is_loopback(client_ip))
        and _is_loopback(_host(f"//{given.get('host', '')}"))
        and (origin is None or _is_loopback(_host(origin)))
    )


def editing() -> bool:
    """Say whether the session that is running may edit."""
    return may_edit(st.context.ip_address, st.context.headers, os.environ.get(SWITCH))


def require_editing() -> None:
    """Refuse to write where editing is off; asked again at the moment of each write.

    Raises:
        Refused: editing is off.
    """
    if not editing():
        # Without marks, and without an address that a reader would be led to.
        raise Refused(READ_ONLY.replace("**", "").replace("`", "").replace("http://", ""))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
