"""The logo of a council: a PNG or an SVG that is checked, then written again by us.

What is kept is never the file that was given: a PNG is decoded and encoded again, an SVG keeps
only drawing elements of the list below. So neither hides a script, a link or anything behind.
"""

import hashlib
import io
import re
import warnings
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace

import sqlalchemy as sa
from PIL import Image, UnidentifiedImageError

from diagnostics.councils import schema
from diagnostics.councils.database import Database
from diagnostics.councils.history import Change, lock, save
from diagnostics.councils.records import Council
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, quoted

MAX_BYTES = 512 * 1024
MAX_SIDE = 4000
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG, _XLINK, _XML = (
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/XML/1998/namespace",
)
_MAX_ELEMENTS = 5000
# No `use`: nested, it draws a billion shapes from ten lines. No `image`, no `filter`: they load.
_DRAWING = {
    *("svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line"),
    *("polyline", "polygon", "text", "tspan", "linearGradient", "radialGradient", "stop"),
    *("clipPath", "mask", "style"),
}
_LOADING = re.compile(r"url\(\s*[\"']?\s*(?!#)|@import|expression\(|javascript:|\\", re.IGNORECASE)


@dataclass(frozen=True)
class Logo:
    """A checked logo. media_type: image/png | image/svg+xml."""

    media_type: str
    content: bytes


def logo(database: Database, council: Council) -> Logo | None:
    """Return the logo of a council, None where it has none."""
    of = schema.logo.c
    query = sa.select(of.media_type, of.content).where(of.sha256 == council.logo)
    with database.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else Logo(row.media_type, row.content)


def set_logo(database: Database, council: Council, content: bytes | None, who: str) -> Council:
    """Give a council its logo, or none. It is an entry of the history, that can be undone.

    Raises:
        Conflict: the council has changed since it was read.
        Refused: neither a PNG nor an SVG, too large, damaged, or an SVG that does more than draw.
    """
    checked = None if content is None else checked_logo(content)
    sha256 = "" if checked is None else hashlib.sha256(checked.content).hexdigest()
    if sha256 == council.logo:
        raise Refused(
            f"{quoted(council.name)} a déjà ce logo{NARROW}: choisir une autre image."
            if checked
            else f"{quoted(council.name)} n’a pas de logo{NARROW}: il n’y a rien à retirer."
        )
    what = "retiré" if checked is None else "changé"
    with database.writing() as connection:
        lock(connection, council.departement)
        held = connection.scalar(sa.select(schema.logo.c.sha256).filter_by(sha256=sha256))
        if checked is not None and held is None:
            values = {"sha256": sha256} | vars(checked)
            connection.execute(sa.insert(schema.logo).values(values))
        (saved,), _ = save(
            connection,
            council.departement,
            [Change(council, replace(council, logo=sha256))],
            who=who,
            action="logo",
            sentence=f"{quoted(council.name)}, logo {what}.",
        )
    return saved


def checked_logo(content: bytes) -> Logo:
    """Return a logo as it is kept, from the bytes of a file.

    Raises:
        Refused: neither a PNG nor an SVG, too large, damaged, or an SVG that does more than draw.
    """
    if len(content) > MAX_BYTES:
        raise Refused(
            f"Le logo dépasse {MAX_BYTES // 1024} ko{NARROW}: l’enregistrer en plus petit."
        )
    if content.startswith(_PNG):
        return Logo("image/png", _png(content))
    return Logo("image/svg+xml", _svg(content))


def _png(content: bytes) -> bytes:
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if max(image.size) > MAX_SIDE:
                raise Refused(f"Le logo a plus de {MAX_SIDE} points de côté{NARROW}: le réduire.")
            image.load()
            drawn = image.convert("RGBA")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise Refused(
            f"L’image PNG du logo est abîmée{NARROW}: l’enregistrer de nouveau."
        ) from error
    written = io.BytesIO()
    drawn.save(written, "PNG", optimize=True)
    return written.getvalue()


def _svg(content: bytes) -> bytes:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if "<svg" not in text:
        raise Refused(f"Le logo n’est ni un PNG ni un SVG{NARROW}: choisir une image de ce format.")
    # Entities are declared in a DOCTYPE: without one, no text can grow nor name a file.
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise Refused(
            f"Le logo SVG a une déclaration DOCTYPE{NARROW}: l’enregistrer en «{NARROW}SVG simple"
            f"{NARROW}», ou en PNG."
        )
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError) as error:
        raise Refused(
            f"Le logo SVG est mal formé{NARROW}: l’enregistrer de nouveau, ou en PNG."
        ) from error
    if sum(1 for _ in root.iter()) > _MAX_ELEMENTS:
        raise Refused(f"Le logo SVG a trop d’éléments{NARROW}: le simplifier, ou donner un PNG.")
    if root.tag != f"{{{_SVG}}}svg" or not (root.get("viewBox") or root.get("width")):
        raise Refused(
            f"Le logo SVG ne dit pas ses dimensions{NARROW}: l’enregistrer de nouveau, ou en PNG."
        )
    _clean(root)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    written: bytes = ET.tostring(root, encoding="utf-8")
    return written


def _clean(root: ET.Element) -> None:
    """Drop what an editor has left, and refuse what does more than draw."""
    for parent in root.iter():
        _clean_attributes(parent)
        if _LOADING.search(parent.text or ""):
            _refuse_loading("un texte")
        for child in list(parent):
            namespace, _, name = child.tag[1:].rpartition("}")
            if namespace != _SVG or name == "metadata":
                parent.remove(child)
            elif name not in _DRAWING:
                raise Refused(
                    f"Le logo SVG contient l’élément {quoted(name[:30])}, qui n’est pas un simple "
                    f"dessin{NARROW}: l’enlever, ou donner un PNG."
                )


def _clean_attributes(element: ET.Element) -> None:
    for attribute, value in list(element.attrib.items()):
        namespace, _, name = attribute.lstrip("{").rpartition("}")
        if name.lower().startswith("on"):
            raise Refused(
                f"Le logo SVG contient l’action {quoted(name[:30])}{NARROW}: l’enlever, ou donner "
                "un PNG."
            )
        if namespace not in ("", _XLINK, _XML):
            del element.attrib[attribute]
        elif (name == "href" and not value.startswith("#")) or _LOADING.search(value):
            _refuse_loading(f"l’attribut {quoted(name[:30])}")


def _refuse_loading(what: str) -> None:
    raise Refused(
        f"Le logo SVG va chercher autre chose ailleurs ({what}){NARROW}: tout mettre dans l’image, "
        "ou donner un PNG."
    )
