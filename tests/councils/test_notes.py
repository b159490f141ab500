"""The texts, decks and logo that are kept with a council."""

import io
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from diagnostics.councils import logos, notes, records
from diagnostics.councils.database import Database
from diagnostics.councils.history import Conflict, history, last_revision
from diagnostics.councils.notes import NoteConflict
from diagnostics.councils.records import Council
from diagnostics.councils.undoing import coming_back, undo
from diagnostics.errors import Refused
from tests.councils.lists import DEPARTEMENT

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{}</svg>'
RECT = '<rect width="10" height="10" fill="#000091"/>'


@pytest.fixture
def nord(database: Database) -> Council:
    return records.council(database, DEPARTEMENT, "cispd-nord")


def png(side: int = 8, **options: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (side, side), "#000091").save(written, "PNG", **options)  # type: ignore[arg-type]
    return written.getvalue()


# Texts


def test_a_note_is_written_and_read_again(database: Database, nord: Council) -> None:
    empty = notes.note(database, nord, 2026)
    assert (empty.version, empty.context) == (0, "")
    before = datetime.now(UTC)
    written = notes.write_note(
        database,
        replace(empty, context="Deux <b>gares</b>\r\n- un\r\n- deux ", set_aside="Trop rare"),
        "préfecture",
    )
    assert notes.note(database, nord, 2026) == written
    assert written.context == "Deux <b>gares</b>\n- un\n- deux"
    assert (written.who, written.version) == ("préfecture", 1)
    assert written.at is not None and timedelta() <= written.at - before < timedelta(minutes=1)
    assert notes.note(database, nord, 2025).version == 0


def test_the_second_writer_is_told_and_both_texts_are_there(
    database: Database, nord: Council
) -> None:
    seen = notes.note(database, nord, 2026)
    first = notes.write_note(database, replace(seen, context="Un"), "mairie")
    with pytest.raises(NoteConflict, match="mairie a modifié") as told:
        notes.write_note(database, replace(seen, context="Deux"), "préfecture")
    assert told.value.current == first and told.value.attempt.context == "Deux"
    second = notes.write_note(database, replace(first, context="Un et deux"), "préfecture")
    assert notes.note_versions(database, nord, 2026) == [second, first]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"context": "x" * 4001}, "«\u202fContexte\u202f» a 4001 caractères"),
        ({"decisions": "a\x00b"}, "invisible"),
        ({"year": 1999}, "1999"),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused(
    database: Database, nord: Council, changed: dict[str, object], reason: str
) -> None:
    note = replace(notes.note(database, nord, 2026), **changed)  # type: ignore[arg-type]
    with pytest.raises(Refused, match=reason):
        notes.write_note(database, note, "mairie")
    assert notes.note_versions(database, nord, 2026) == []


def test_decks_are_kept_newest_first(database: Database, nord: Council) -> None:
    notes.record_deck(database, nord, "edition-1", "pptx", {"slides": ["titre", "carte"]})
    notes.record_deck(database, nord, "edition-2", "pdf", {"audience": "public"})
    second, first = notes.decks(database, nord)
    assert (first.edition, first.kind, first.options) == (
        "edition-1",
        "pptx",
        {"slides": ["titre", "carte"]},
    )
    assert second.kind == "pdf" and second.at >= first.at
    with pytest.raises(Refused, match="pptx ou pdf"):
        notes.record_deck(database, nord, "edition-2", "docx", {})


def names_of(database: Database, nord: Council) -> tuple[int, str]:
    """Return the id and the sentence of the last entry of a council's history."""
    entry = history(database, DEPARTEMENT, nord.id)[0]
    return entry.id, entry.sentence


def test_texts_have_their_history_and_are_undone_and_redone(
    database: Database, nord: Council
) -> None:
    revision = last_revision(database, DEPARTEMENT)
    first = notes.write_note(
        database, replace(notes.note(database, nord, 2026), context="Une gare"), "mairie"
    )
    second = notes.write_note(
        database, replace(first, context="Deux gares", decisions="Une charte"), "mairie"
    )
    entry, earlier, _ = history(database, DEPARTEMENT)
    assert entry.sentence == (
        "Textes 2026 de «\u202fCISPD Nord\u202f»\u202f: Contexte, Décisions de la séance plénière."
    )
    assert entry.council_ids == ("cispd-nord",) and entry.undoable and not earlier.undoable
    ((back,),) = coming_back(database, DEPARTEMENT, [entry, earlier], {}).values()
    assert "Contexte\u202f: «\u202fUne gare\u202f»" in back
    assert "Décisions de la séance plénière\u202f: vide" in back
    undo(database, DEPARTEMENT, entry.id, "préfecture")
    now = notes.note(database, nord, 2026)
    assert (now.context, now.decisions, now.version, now.who) == ("Une gare", "", 3, "préfecture")
    assert history(database, DEPARTEMENT)[1].undone
    undo(database, DEPARTEMENT, history(database, DEPARTEMENT)[0].id, "mairie")
    assert notes.note(database, nord, 2026).context == second.context
    assert len(notes.note_versions(database, nord, 2026)) == 4  # every version is kept
    # The list itself has not changed: an import that was being looked at may be written.
    assert last_revision(database, DEPARTEMENT) == revision


def test_the_first_texts_of_a_year_are_undone_to_none(database: Database, nord: Council) -> None:
    blank = notes.note(database, nord, 2026)
    notes.write_note(database, replace(blank, context="Une gare"), "mairie")
    undo(database, DEPARTEMENT, names_of(database, nord)[0], "mairie")
    assert notes.note(database, nord, 2026).context == ""


def test_texts_written_over_are_undone_newest_first(database: Database, nord: Council) -> None:
    first = notes.write_note(
        database, replace(notes.note(database, nord, 2026), context="Une gare"), "mairie"
    )
    entry = history(database, DEPARTEMENT)[0]
    notes.write_note(database, replace(first, context="Deux gares"), "préfecture")
    with pytest.raises(Refused, match="a changé depuis"):
        undo(database, DEPARTEMENT, entry.id, "mairie")
    earlier = history(database, DEPARTEMENT)[1:]
    assert coming_back(database, DEPARTEMENT, earlier, {}) == {}


def test_texts_that_have_not_changed_write_nothing(database: Database, nord: Council) -> None:
    with pytest.raises(Refused, match="Rien n’a changé dans les textes de 2026"):
        notes.write_note(database, notes.note(database, nord, 2026), "mairie")
    assert len(history(database, DEPARTEMENT)) == 1


def test_a_deck_leaves_the_list_and_comes_back(database: Database, nord: Council) -> None:
    kept = notes.record_deck(database, nord, "edition-1", "pptx", {})
    made = notes.record_deck(database, nord, "edition-1", "pdf", {})
    notes.remove_deck(database, nord, made, "mairie")
    assert notes.decks(database, nord) == [kept]
    with pytest.raises(Refused, match="déjà quitté"):
        notes.remove_deck(database, nord, made, "préfecture")
    entry_id, sentence = names_of(database, nord)
    assert sentence.startswith("Retire un support de «\u202fCISPD Nord\u202f»\u202f: PDF du ")
    entry = history(database, DEPARTEMENT, nord.id)[0]
    told = coming_back(database, DEPARTEMENT, [entry], {})
    assert told == {entry_id: ["Le support revient dans la liste."]}
    undo(database, DEPARTEMENT, entry_id, "mairie")
    assert notes.decks(database, nord) == [made, kept]
    undo(database, DEPARTEMENT, names_of(database, nord)[0], "mairie")
    assert notes.decks(database, nord) == [kept]


# Logos


def test_a_logo_is_kept_changed_and_undone(database: Database, nord: Council) -> None:
    assert logos.logo(database, nord) is None
    with_png = logos.set_logo(database, nord, png(), "mairie")
    first = logos.logo(database, with_png)
    assert first is not None and first.media_type == "image/png"
    with_svg = logos.set_logo(database, with_png, SVG.format(RECT).encode(), "mairie")
    second = logos.logo(database, with_svg)
    assert second is not None and second.media_type == "image/svg+xml"
    (back,) = undo(database, DEPARTEMENT, history(database, DEPARTEMENT)[0].id, "mairie")
    assert logos.logo(database, back) == first
    without = logos.set_logo(database, back, None, "mairie")
    assert logos.logo(database, without) is None
    with pytest.raises(Refused, match="n’a pas de logo"):
        logos.set_logo(database, without, None, "mairie")
    with pytest.raises(Conflict):
        logos.set_logo(database, nord, png(9), "mairie")


def test_a_png_is_written_again_without_what_it_hid() -> None:
    info = PngInfo()
    info.add_text("Author", "Une personne")
    given = png(pnginfo=info) + b"<?php echo 1; ?>"
    assert b"Une personne" in given
    kept = logos.checked_logo(given).content
    assert b"Une personne" not in kept and b"php" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (8, 8) and image.convert("RGB").getpixel((0, 0)) == (0, 0, 0x91)


def bomb() -> bytes:
    """Return the header of a PNG of sixty thousand points by sixty thousand."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "ni un PNG ni un SVG"),
        (b"GIF89a" + b"x" * 50, "ni un PNG ni un SVG"),
        (b"\xff\xd8\xff\xe0 JPEG", "ni un PNG ni un SVG"),
        (png()[:-30], "abîmée"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "abîmée"),
        (png(4001), "4000 points|abîmée"),
        (bomb(), "4000 points|abîmée"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 512 * 1024, "512 ko"),
        (SVG.format(RECT).encode("utf-16"), "ni un PNG ni un SVG"),
        (SVG.format("<rect").encode(), "mal formé"),
        (b"<svg>" + RECT.encode() + b"</svg>", "dimensions"),
        (SVG.replace("viewBox", "data-x").format(RECT).encode(), "dimensions"),
        (b"<!DOCTYPE svg>" + SVG.format(RECT).encode(), "DOCTYPE"),
        (
            b'<!doctype x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
            + SVG.format("<text>&a;</text>").encode(),
            "DOCTYPE",
        ),
        *(
            (SVG.format(inside).encode(), reason)
            for inside, reason in [
                ("<script>alert(1)</script>", "script"),
                ("<foreignObject/>", "foreignObject"),
                ('<image href="data:image/png;base64,AA"/>', "image"),
                ('<use href="#a"/>', "use"),
                ("<animate/>", "animate"),
                ('<a href="javascript:alert(1)"/>', "élément"),
                ('<rect onload="alert(1)"/>', "onload"),
                ('<rect ONCLICK="alert(1)"/>', "ONCLICK"),
                ('<rect fill="url(https://exemple.fr/a)"/>', "ailleurs"),
                ("<rect style=\"fill:url( '//exemple.fr')\"/>", "ailleurs"),
                ('<rect style="fill:u\\72l(x)"/>', "ailleurs"),
                ('<style>@import "https://exemple.fr";</style>', "ailleurs"),
                ("<style>rect{fill:url(https://exemple.fr)}</style>", "ailleurs"),
                (
                    '<linearGradient xmlns:xlink="http://www.w3.org/1999/xlink" '
                    'xlink:href="https://exemple.fr/a.svg#b"/>',
                    "ailleurs",
                ),
                ("<g/>" * 5001, "trop d’éléments"),
            ]
        ),
    ],
    ids=range(29),
)
def test_an_image_that_does_more_than_draw_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        logos.checked_logo(content)


def test_an_svg_keeps_its_drawing_and_loses_the_rest() -> None:
    given = (
        '<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="https://exemple.fr"?>'
        "<!-- Une personne -->"
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://www.inkscape.org/x" '
        'viewBox="0 0 10 10" i:version="1"><metadata>Une personne</metadata>'
        '<i:view href="https://exemple.fr"/><h:script xmlns:h="http://www.w3.org/1999/xhtml">x'
        '</h:script><linearGradient id="a"><stop offset="0"/></linearGradient>'
        f'<g fill="url(#a)">{RECT}</g></svg>'
    )
    kept = logos.checked_logo(given.encode()).content.decode()
    assert 'fill="url(#a)"' in kept and 'fill="#000091"' in kept and 'viewBox="0 0 10 10"' in kept
    for gone in ("exemple.fr", "personne", "inkscape", "script", "<?"):
        assert gone not in kept
    # What was kept is kept again as it is.
    assert logos.checked_logo(kept.encode()).content.decode() == kept
