"""The template of the slides, drawn in code: 16:9, white ground, State blue, two layouts.

Titles, message and text are placeholders, so that the outline view and screen readers follow them.
Arial is on every machine that has PowerPoint, and LibreOffice replaces it by its twin in widths.
"""

import re
from datetime import date, datetime
from functools import cache
from html import escape
from io import BytesIO
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import pptx
from pptx.dml.color import RGBColor
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.presentation import Presentation
from pptx.util import Inches

from diagnostics.wording import NARROW

FONT = "Arial"
LANGUAGE = "fr-FR"
INK, GREY, BLUE, PALE, RULE = "161616", "3A3A3A", "000091", "6A6A6A", "CECECE"
_ACCENTS = (BLUE, PALE, "3E4BB6", "6F80D6", "A1B0E8", "D3DAF5")
WIDTH, HEIGHT, MARGIN = Inches(13.333), Inches(7.5), Inches(0.6)
COVER, CONTENT = 0, 1
NUMBER_ID = f"{{{str(uuid5(NAMESPACE_URL, 'numéro de diapositive')).upper()}}}"
"""Names the field of the slide number; the format asks for any such identifier."""
"""Layouts: the first slide, and all the others."""
MESSAGE, TEXT, FOOTER, NUMBER = 1, 2, 11, 12
"""Indexes of the placeholders."""
TITLE_SIZE, FOOTER_SIZE = 28, 9


class Box(NamedTuple):
    """Where a shape stands on a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Return the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """Return the lower edge."""
        return self.top + self.height


_INSIDE = WIDTH - 2 * MARGIN
TITLE_BOX = Box(MARGIN, Inches(0.25), _INSIDE, Inches(0.87))
BODY_BOX = Box(MARGIN, Inches(1.36), _INSIDE, Inches(5.42))
"""What is left to a slide between its title and its foot."""
FOOTER_BOX = Box(MARGIN, Inches(6.92), _INSIDE - Inches(0.7), Inches(0.46))
_NUMBER_BOX = Box(WIDTH - MARGIN - Inches(0.6), Inches(6.92), Inches(0.6), Inches(0.46))
COVER_TITLE = Box(Inches(1.2), Inches(1.5), WIDTH - Inches(2.2), Inches(2.0))
COVER_LOGO = Box(WIDTH - Inches(2.8), Inches(0.4), Inches(1.8), Inches(1.0))
COVER_TEXT = Box(Inches(1.2), Inches(3.75), WIDTH - Inches(2.2), Inches(2.8))
# Names that the selection pane and screen readers say.
_NAMES = {"title": "Titre", "ctrTitle": "Titre", "ftr": "Pied de page", "sldNum": "Numéro"}


def rgb(colour: str) -> RGBColor:
    """Return a colour written `000091`."""
    made: RGBColor = RGBColor.from_string(colour)
    return made


def presentation(title: str, produced: date) -> Presentation:
    """Return an empty presentation, its properties filled."""
    made = pptx.Presentation(BytesIO(_template()))
    moment = datetime(produced.year, produced.month, produced.day)
    core = made.core_properties
    core.title, core.language, core.author, core.last_modified_by = title, LANGUAGE, "", ""
    core.created = core.modified = moment
    core.revision = 1
    return made


@cache
def _template() -> bytes:
    """Return the template as a file: python-pptx's own, emptied and drawn again."""
    made = pptx.Presentation()
    made.slide_width, made.slide_height = WIDTH, HEIGHT
    master = made.slide_master
    for unused in [layout for at, layout in enumerate(made.slide_layouts) if at not in (0, 3)]:
        made.slide_layouts.remove(unused)
    cover, content = made.slide_layouts
    foot = [
        _placeholder(5, "ftr", FOOTER, FOOTER_BOX, FOOTER_SIZE, GREY, anchor="t"),
        _placeholder(6, "sldNum", NUMBER, _NUMBER_BOX, FOOTER_SIZE, GREY, align="r", anchor="t"),
    ]
    band = _rectangle(20, Box(0, 0, Inches(0.3), HEIGHT))
    bar = _rectangle(21, Box(MARGIN, Inches(1.19), Inches(0.8), Inches(0.045)))
    body = _placeholder(3, "body", MESSAGE, BODY_BOX, 18, INK, bullet=True)
    _draw(master, "", [_placeholder(2, "title", 0, TITLE_BOX, TITLE_SIZE, BLUE, bold=True), body])
    _draw(
        cover,
        "Page de titre",
        [
            band,
            _placeholder(2, "ctrTitle", 0, COVER_TITLE, 40, BLUE, bold=True, anchor="b"),
            _placeholder(3, "subTitle", MESSAGE, COVER_TEXT, 20, INK),
            *foot,
        ],
    )
    _draw(
        content,
        "Titre, message et texte",
        [
            bar,
            _placeholder(2, "title", 0, TITLE_BOX, TITLE_SIZE, BLUE, bold=True, anchor="b"),
            _placeholder(3, "body", MESSAGE, BODY_BOX, 18, INK, bold=True),
            _placeholder(4, "body", TEXT, BODY_BOX, 16, INK, bullet=True),
            *foot,
        ],
    )
    content._element.attrib.pop("type", None)
    for part in (made.part, master.part, cover.part, content.part):
        for element in part._element.iter():
            if element.get("lang"):
                element.set("lang", LANGUAGE)
    _theme(master.part.part_related_by(RELATIONSHIP_TYPE.THEME))
    buffer = BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def _draw(base: Any, name: str, shapes: list[str]) -> None:
    """Replace the shapes of a master or a layout."""
    tree = base._element.cSld.spTree
    for shape in list(tree.iter_shape_elms()):
        tree.remove(shape)
    for shape in shapes:
        tree.append(parse_xml(shape))
    if name:
        base._element.cSld.set("name", name)


def _placeholder(
    id_: int,
    kind: str,
    index: int,
    box: Box,
    size: int,
    colour: str,
    *,
    bold: bool = False,
    bullet: bool = False,
    align: str = "l",
    anchor: str = "t",
) -> str:
    name = _NAMES.get(kind, "Message" if index == MESSAGE else "Texte")
    prompt = f"Modifier{NARROW}: {name.lower()}"
    at = "" if kind in ("title", "ctrTitle") else f' idx="{index}"'
    mark = '<a:buChar char="•"/>' if bullet else "<a:buNone/>"
    indent = 200_000 if bullet else 0
    run = (
        f'<a:fld id="{NUMBER_ID}" type="slidenum"><a:rPr lang="{LANGUAGE}"/><a:t>‹N°›</a:t></a:fld>'
        if kind == "sldNum"
        else f'<a:r><a:rPr lang="{LANGUAGE}"/><a:t>{escape(prompt)}</a:t></a:r>'
    )
    return (
        f"<p:sp {nsdecls('p', 'a')}>"
        f'<p:nvSpPr><p:cNvPr id="{id_}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/>'
        f'</p:cNvSpPr><p:nvPr><p:ph type="{kind}"{at}/></p:nvPr></p:nvSpPr>'
        f"<p:spPr>{_frame(box)}</p:spPr>"
        f'<p:txBody><a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}">'
        "<a:noAutofit/></a:bodyPr><a:lstStyle>"
        f'<a:lvl1pPr marL="{indent}" indent="{-indent}" algn="{align}">'
        f'<a:spcBef><a:spcPts val="0"/></a:spcBef>{mark}'
        f'<a:defRPr sz="{size * 100}" b="{int(bold)}"><a:solidFill><a:srgbClr val="{colour}"/>'
        f"</a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle><a:p>{run}</a:p></p:txBody></p:sp>"
    )


def _rectangle(id_: int, box: Box) -> str:
    return (
        f"<p:sp {nsdecls('p', 'a')}>"
        f'<p:nvSpPr><p:cNvPr id="{id_}" name="Filet"/><p:cNvSpPr/><p:nvPr userDrawn="1"/>'
        f'</p:nvSpPr><p:spPr>{_frame(box)}<a:solidFill><a:srgbClr val="{BLUE}"/></a:solidFill>'
        "<a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
    )


def _frame(box: Box) -> str:
    return (
        f'<a:xfrm><a:off x="{box.left}" y="{box.top}"/>'
        f'<a:ext cx="{box.width}" cy="{box.height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    )


def _theme(part: Any) -> None:
    """Set the colours and fonts that PowerPoint offers to who edits the slides."""
    colours = {"dk1": INK, "lt1": "FFFFFF", "dk2": BLUE, "lt2": "F3F3F3", "hlink": BLUE}
    colours |= {f"accent{at}": colour for at, colour in enumerate(_ACCENTS, 1)}
    xml = part.blob.decode()
    for name, colour in colours.items():
        filled = rf'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>'
        xml = re.sub(rf"<a:{name}>.*?</a:{name}>", filled, xml, flags=re.DOTALL)
    for use in ("majorFont", "minorFont"):
        latin = rf'\1<a:latin typeface="{FONT}"/>'
        xml = re.sub(rf"(<a:{use}>\s*)<a:latin [^>]*/>", latin, xml)
    xml = re.sub(r'(<a:theme [^>]*name=")[^"]*', r"\1Diagnostic", xml)
    part.blob = xml.encode()
