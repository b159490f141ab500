"""What an import would change, what it refuses line by line, and what it writes."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from diagnostics.councils import edits, importing, records, sheet_lines
from diagnostics.councils.database import Database, open_database
from diagnostics.councils.history import history
from diagnostics.councils.importing import Preview
from diagnostics.councils.mergers import Movement, Movements
from diagnostics.councils.places import Places
from diagnostics.councils.seeding import seed
from diagnostics.councils.undoing import undo
from diagnostics.errors import Refused
from diagnostics.territories import TO_CONFIRM
from tests.councils.lists import COMMUNES, DEPARTEMENT, seed_table

PLACES = Places(COMMUNES)
HEADER = "territoire_id;type;nom;code_commune;du;au;statut;source"
NORD = [
    "cispd-nord;cispd;CISPD Nord;00001;2015-01-01;;attesté;CC du Nord",
    "cispd-nord;cispd;CISPD Nord;00002;2015-01-01;;attesté;CC du Nord",
    "cispd-nord;cispd;CISPD Nord;00003;2015-01-01;2019-12-31;attesté;Délibération de 2019",
]
EST = "cispd-est;cispd;CISPD Est;00006;2024-01-01;;attesté;Délibération"


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Database]:
    """Yield the invented list in a file: what is read of a CSV is the same on both databases."""
    opened = open_database(url=f"sqlite:///{tmp_path / 'conseils.sqlite'}")
    seed(opened, DEPARTEMENT, seed_table())
    yield opened
    opened.close()


def content(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *lines, ""]).encode()


def previewed(database: Database, *lines: str, whole: bool = False) -> Preview:
    return importing.preview(database, DEPARTEMENT, content(*lines), PLACES, whole=whole)


def told(preview: Preview) -> list[tuple[str, str]]:
    return [(change.kind, change.council_id) for change in preview.changes]


# What it would change


def test_an_export_that_comes_back_changes_nothing(database: Database) -> None:
    exported = records.export_csv(records.memberships(database, DEPARTEMENT))
    preview = importing.preview(database, DEPARTEMENT, exported, PLACES, whole=True)
    assert preview.changes == () and preview.refused == () and preview.set_aside == ()
    with pytest.raises(Refused, match="ne change rien"):
        importing.apply(database, preview, "mairie")


def test_a_preview_says_everything_and_writes_nothing(database: Database) -> None:
    before = records.councils(database, DEPARTEMENT)
    preview = previewed(
        database,
        NORD[0].replace("CISPD Nord", "CISPD du Nord"),
        "cispd-nord;cispd;CISPD du Nord;00002;2015-01-01;2023-12-31;attesté;CC du Nord",
        "cispd-nord;cispd;CISPD du Nord;00008;2024-01-01;;attesté;CC du Nord",
        EST,
    )
    assert told(preview) == [
        ("modification", "cispd-nord"),
        ("modification", "cispd-nord"),
        ("retrait", "cispd-nord"),
        ("ajout", "cispd-nord"),
        ("ajout", "cispd-est"),
        ("ajout", "cispd-est"),
    ]
    sentences = " ".join(change.sentence for change in preview.changes)
    assert "Beaumorte (00002)" in sentences and "31 décembre 2023" in sentences
    assert records.councils(database, DEPARTEMENT) == before
    assert len(history(database, DEPARTEMENT)) == 1


def test_an_import_is_one_change_that_can_be_undone(database: Database) -> None:
    before = records.memberships(database, DEPARTEMENT)
    preview = previewed(database, NORD[0], NORD[1].replace("2015", "2016"), EST)
    importing.apply(database, preview, "préfecture")
    table = records.memberships(database, DEPARTEMENT).set_index(["territory_id", "code_insee"])
    assert table.loc[("cispd-nord", "00002"), "start"] == date(2016, 1, 1)
    assert ("cispd-nord", "00003") not in table.index
    assert table.loc[("cispd-est", "00006"), "source"] == "Délibération"
    assert ("cispd-sud", "00004") in table.index, "a council that is not named stays"
    entry = history(database, DEPARTEMENT)[0]
    assert (entry.who, entry.action) == ("préfecture", "import")
    assert entry.council_ids == ("cispd-est", "cispd-nord")
    undo(database, DEPARTEMENT, entry.id, "préfecture")
    pd.testing.assert_frame_equal(records.memberships(database, DEPARTEMENT), before)


def test_a_whole_list_removes_what_it_does_not_name(database: Database) -> None:
    preview = previewed(database, *NORD, whole=True)
    assert told(preview) == [("retrait", "cispd-sud"), ("retrait", "clspd-aubefont-00001")]
    importing.apply(database, preview, "préfecture")
    assert [c.id for c in records.councils(database, DEPARTEMENT)] == ["cispd-nord"]
    # Its id stays its own: it may come back, another council may not take it.
    line = "cispd-sud;cispd;{};00004;;;attesté;CC du Sud"
    assert told(previewed(database, line.format("CISPD Sud")))[0] == ("ajout", "cispd-sud")
    (refused,) = previewed(database, line.format("CISPD Autre")).refused
    assert (refused.line, refused.value) == (2, "CISPD Autre")


def test_nothing_is_removed_while_a_line_is_refused(filed: Database) -> None:
    preview = previewed(filed, NORD[0].replace("00001", "99999"), EST, whole=True)
    assert told(preview) == [("ajout", "cispd-est")] * 2
    assert [r.line for r in preview.refused] == [2]
    assert len(preview.set_aside) == 2 and "CISPD Nord" in preview.set_aside[0]


def test_a_commune_moves_between_two_councils_of_the_file(filed: Database) -> None:
    preview = previewed(
        filed,
        NORD[0],
        NORD[1].replace(";;", ";2023-12-31;"),
        EST.replace("00006", "00002"),
    )
    assert preview.refused == ()


def test_a_list_that_has_changed_since_is_not_written_over(database: Database) -> None:
    preview = previewed(database, EST)
    seen = records.council(database, DEPARTEMENT, "cispd-sud")
    edits.change(database, seen, who="mairie de Dormeuil", name="CISPD du Sud")
    with pytest.raises(Refused, match=r"mairie de Dormeuil.*refaire l’aperçu"):
        importing.apply(database, preview, "préfecture")
    assert "cispd-est" not in {c.id for c in records.councils(database, DEPARTEMENT)}


def test_a_spreadsheet_may_have_saved_it_again(filed: Database) -> None:
    lines = [
        'cispd-est,cispd,CISPD de l’Été,6,01/02/2024,31/12/2025,attesté,"Délibération, « site »"',
    ]
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        raw = "\n".join([HEADER.replace(";", ","), *lines]).encode(encoding)
        preview = importing.preview(filed, DEPARTEMENT, raw, PLACES)
        assert preview.refused == ()
        (change,) = preview.wanted
        (member,) = change.wanted.members
        assert change.wanted.name == "CISPD de l’Été"
        assert change.wanted.source == "Délibération, « site »"
        assert (member.code_insee, member.start, member.end) == (
            "00006",
            date(2024, 2, 1),
            date(2025, 12, 31),
        )


def test_columns_may_come_in_another_order(filed: Database) -> None:
    header = "source;statut;au;du;code_commune;nom;type;territoire_id"
    line = ";".join(reversed(EST.split(";")))
    preview = importing.preview(filed, DEPARTEMENT, content(line, header=header), PLACES)
    assert preview.refused == () and told(preview)[0] == ("ajout", "cispd-est")


# Lines that are refused, one by one


@pytest.mark.parametrize(
    ("line", "value", "reason"),
    [
        (EST.replace("00006", "77001"), "77001", "n’existe pas"),
        (EST.replace("00006", ""), "", "illisible"),
        (EST.replace("2024-01-01;", "2024-01-01;2023-12-31"), "2024-01-01", "avant d’être entrée"),
        (EST.replace("2024-01-01", "2024-13-01"), "2024-13-01", "pas un jour du calendrier"),
        (EST.replace("2024-01-01", "31/02/2024"), "31/02/2024", "pas un jour du calendrier"),
        (EST.replace("2024-01-01", "hier"), "hier", "illisible"),
        (EST.replace("CISPD Est", '"CISPD Est'), "cispd-est", "nom.*n’est pas refermé"),
        (EST.replace("CISPD Est", '"CISPD" Est'), "cispd-est", "guillemets à l’intérieur"),
        (EST.replace("CISPD Est", "CISPD \x00 Est"), "CISPD \x00", "invisible.*U\\+0000"),
        (EST.replace("CISPD Est", "x" * 200_000), "cispd-est", "dépasse 131.072 caractères"),
        (EST.replace("2024-01-01", "1024-01-01"), "1024-01-01", "1024"),
        (EST.replace("CISPD Est", "=HYPERLINK(A1)"), "=HYPERLINK(A1)", "formule"),
        (EST.replace("CISPD Est", "+33"), "+33", "formule"),
        (EST.replace("CISPD Est", "-1"), "-1", "formule"),
        (EST.replace("CISPD Est", "@SUM"), "@SUM", "formule"),
        (EST.replace("Délibération", "=cmd"), "=cmd", "formule"),
        (EST.replace("CISPD Est", "CISPD\x07Est"), "CISPD\x07Est", "invisible"),
        (EST.replace("CISPD Est", "CISPD\u202eEst"), "CISPD\u202eEst", "invisible"),
        (EST.replace("CISPD Est", "x" * 151), "x" * 60, "raccourcir"),
        (EST.replace("CISPD Est", '"CISPD\nEst"'), "CISPD\nEst", "une ligne"),
        (EST.replace("CISPD Est", ""), "", "vide"),
        (EST.replace("CISPD Est", "cispd SUD"), "cispd SUD", "porte déjà ce nom"),
        (EST.replace("cispd-est", ""), "", "identifiant"),
        (EST.replace("cispd-est", "../../etc"), "../../etc", "identifiant"),
        (EST.replace("cispd-est", "c" * 101), "c" * 60, "identifiant"),
        (EST.replace(";cispd;", ";conseil;"), "conseil", "type"),
        (EST.replace("cispd-est", "clspd-aubefont-00001"), "cispd", "CLSPD dans la liste"),
        (EST.replace("attesté", "certain"), "certain", "statut"),
        (EST.replace("attesté;Délibération", "attesté;"), "attesté", "source"),
        (EST + ";de trop", "cispd-est", "9 cellules"),
        ("cispd-est;cispd", "cispd-est;cispd", "2 cellules"),
        (EST.replace("00006", "00004"), "00004", "siège déjà dans.*CISPD Sud.*la liste"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(
    filed: Database, line: str, value: str, reason: str
) -> None:
    preview = previewed(filed, NORD[0], NORD[1], NORD[2], "", line)
    (refused,) = preview.refused
    assert refused.line == 6  # the header is 1, and an empty line is counted
    assert value in refused.value
    pd.testing.assert_series_equal(
        pd.Series([refused.reason]).str.contains(reason), pd.Series([True])
    )
    assert preview.wanted == ()


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (EST, "siège déjà"),
        (EST.replace("2024-01-01", "2025-01-01"), "siège déjà"),
        (EST.replace("00006", "00007").replace("CISPD Est", "Autre"), "autre nom à la ligne 2"),
        (EST.replace("00006", "00007").replace("attesté", "facultatif"), "autre statut"),
        (EST.replace("00006", "00007").replace(";cispd;", ";contrat;"), "autre type"),
        (EST.replace("cispd-est", "cispd-ouest").replace("CISPD Est", "CISPD Ouest"), "siège déjà"),
        (EST.replace("cispd-est", "x").replace("00006", "00007"), "cispd-est porte déjà ce nom"),
    ],
)
def test_two_lines_that_contradict_each_other(filed: Database, second: str, reason: str) -> None:
    preview = previewed(filed, EST, second)
    assert [r.line for r in preview.refused] == [3]
    assert reason in preview.refused[0].reason
    # A council whose lines are all sound is taken, the other one is left as it is.
    assert bool(preview.wanted) == (not second.startswith("cispd-est"))


def test_contracts_overlap_and_other_types_stand_apart(filed: Database) -> None:
    preview = previewed(
        filed,
        EST,
        "clspd-est;clspd;CLSPD Est;00006;;;facultatif;",
        "contrat-a;contrat;Contrat A;00006;;;attesté;x",
        "contrat-b;contrat;Contrat B;00006;;;attesté;x",
    )
    assert preview.refused == () and len(preview.wanted) == 4


def test_a_contradiction_that_the_list_came_with_is_not_the_files(filed: Database) -> None:
    """Two old councils that overlap may be sent back as they are, and no commune more."""
    table = seed_table()
    table.loc[4, "code_insee"] = "00002"
    seed(filed, "01", table)
    exported = records.export_csv(records.memberships(filed, "01"))
    assert importing.preview(filed, "01", exported, PLACES).refused == ()
    more = (
        exported
        + "cispd-sud;cispd;CISPD Sud;00001;;;attesté;CC du Sud ; « site »".replace(
            "CC du Sud ; « site »", '"CC du Sud ; « site »"'
        ).encode()
    )
    (refused,) = importing.preview(filed, "01", more, PLACES).refused
    assert refused.value == "00001"


def test_html_is_a_text_as_any_other(filed: Database) -> None:
    name = "<script>alert(1)</script>"
    preview = previewed(filed, EST.replace("CISPD Est", name))
    importing.apply(filed, preview, "mairie")
    assert records.council(filed, DEPARTEMENT, "cispd-est").name == name


def test_semicolons_stand_within_quotes(filed: Database) -> None:
    preview = previewed(filed, EST.replace("CISPD Est", '"CISPD ; ""Est"""'))
    importing.apply(filed, preview, "mairie")
    assert records.council(filed, DEPARTEMENT, "cispd-est").name == 'CISPD ; "Est"'
    exported = records.export_csv(records.memberships(filed, DEPARTEMENT))
    assert importing.preview(filed, DEPARTEMENT, exported, PLACES).changes == ()


def test_a_status_that_says_more_than_attested_is_kept(filed: Database) -> None:
    preview = previewed(
        filed,
        EST.replace("attesté", "attesté par la mairie"),
        f"clspd-est;clspd;CLSPD Est;00006;;;{TO_CONFIRM};",
    )
    assert [c.wanted.status for c in preview.wanted] == ["attesté par la mairie", TO_CONFIRM]


# Lines that cannot be read cost the others nothing


def of_council(number: int) -> str:
    """Return a line of an invented council, of commune 0000`number`."""
    named = EST.replace("cispd-est", f"cispd-{number}").replace("CISPD Est", f"CISPD {number}")
    return named.replace("00006", f"0000{number}")


def test_a_stray_quote_refuses_its_line_and_the_others_are_previewed(filed: Database) -> None:
    broken = of_council(5).replace("CISPD 5", '"CISPD 5')
    found = previewed(filed, of_council(6), broken, of_council(7), of_council(8))
    assert [(r.line, r.value[:7]) for r in found.refused] == [(3, "cispd-5")]
    assert {c.wanted.id for c in found.wanted} == {"cispd-6", "cispd-7", "cispd-8"}
    (aside,) = found.set_aside
    assert "cispd-5" in aside and "n’est pas créé" in aside


def test_a_line_that_cannot_be_told_may_be_of_those_around_it(filed: Database) -> None:
    """Read without it, a council would lose a commune: it stays as it is."""
    found = previewed(filed, NORD[0], NORD[1].replace("cispd-nord", '"cispd-nord'), NORD[2], EST)
    assert [r.line for r in found.refused] == [3]
    assert [c.wanted.id for c in found.wanted] == ["cispd-est"]
    found = previewed(filed, NORD[0], '00002";2015-01-01;;"attesté', NORD[2], EST)
    assert [c.wanted.id for c in found.wanted] == ["cispd-est"]
    assert any("CISPD Nord" in sentence for sentence in found.set_aside)


def test_two_cells_left_open_on_two_lines_are_two_refusals(filed: Database) -> None:
    opened = EST.replace("CISPD Est", '"CISPD Est')
    assert [r.line for r in previewed(filed, opened, opened, NORD[0]).refused] == [2, 3]


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b"\r\n", b"\r"),
        lambda raw: raw.replace(b"\r\n", b"\n"),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.decode().encode("cp1252"),
        lambda raw: raw.decode().encode("utf-16"),
        lambda raw: raw.decode().replace(";", "\t").encode("utf-16"),
        lambda raw: raw.replace(b";", b","),
        # One line pasted from elsewhere: the accents of the others stay what they are.
        lambda raw: raw.replace(EST.encode(), EST.encode("cp1252")),
    ],
    ids=["CR", "LF", "BOM", "Windows", "UTF-16", "tabulations", "virgules", "mêlé"],
)
def test_a_file_is_read_as_spreadsheets_save_it(
    filed: Database, change: Callable[[bytes], bytes]
) -> None:
    second = EST.replace("00006", "00007")
    found = importing.preview(filed, DEPARTEMENT, change(content(EST, second)), PLACES)
    assert found.refused == ()
    (made,) = [c.wanted for c in found.wanted]
    assert made.source == "Délibération"
    assert [m.code_insee for m in made.members] == ["00006", "00007"]


# Files that are refused whole


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "n’a pas la colonne"),
        (b"\n\n", "n’a pas la colonne"),
        (content(EST, header=HEADER.replace(";source", "")), "«\u202fsource\u202f»"),
        (content(EST, header=HEADER + ";prefet"), "«\u202fprefet\u202f» en trop"),
        (content(EST, header=HEADER + ";nom"), "«\u202fnom\u202f» deux fois"),
        (content(EST).decode().encode("utf-16-le"), "n’est pas du texte"),
        (b"\xff\xfe" + content(EST).decode().encode("utf-16-le")[:-1], "UTF-16"),
        (b"PK\x03\x04" + b"x" * 100, "n’est pas du texte"),
        (content(EST) + b"\x81\x8d\x8f", "codage des caractères de la ligne 3 "),
        (content(EST, header='"' + HEADER), "première ligne.*guillemet"),
        (content(EST, header=HEADER + ";x" * 1_000_000), "en trop"),
        (content(EST) + b"x" * (10 * 1024 * 1024), "10 Mo"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_refused(filed: Database, raw: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        importing.preview(filed, DEPARTEMENT, raw, PLACES)


def test_a_long_hostile_file_is_read_line_by_line(filed: Database) -> None:
    """One commune in as many councils as a file may have lines: all refused but the first."""
    line = "cispd-{0};cispd;CISPD {0};00006;2024-01-01;;attesté;{1}"
    lines = [line.format(n, "x" * 400) for n in range(sheet_lines.MAX_LINES - 1)]
    assert 8 * 1024 * 1024 < len(content(*lines)) < sheet_lines.MAX_BYTES
    preview = previewed(filed, *lines)
    assert len(preview.refused) == len(lines) - 1 and len(preview.wanted) == 1
    with pytest.raises(Refused, match="plus de 20\u202f000 lignes"):
        previewed(filed, *lines, EST)


def test_a_departement_without_list_takes_no_import(filed: Database) -> None:
    with pytest.raises(Refused, match="pas encore de liste"):
        importing.preview(filed, "99", content(EST), PLACES)


def test_a_file_saved_again_in_an_old_encoding_changes_nothing(
    empty: Database,
) -> None:
    """Narrow spaces are not in Windows' encoding: a file must not need them to come back."""
    table = seed_table().replace({"source": {"CC du Nord": "CSI, art. L132-4\u202f: 5\u202f000"}})
    seed(empty, DEPARTEMENT, table)
    saved = (
        records.export_csv(records.memberships(empty, DEPARTEMENT))
        .decode("utf-8-sig")
        .encode("cp1252")
    )
    found = importing.preview(empty, DEPARTEMENT, saved, PLACES)
    assert found.changes == ()
    assert found.refused == ()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Mme Exemple, prenom.nom@mairie.example.fr", "une adresse électronique"),
        ("Secrétariat 01 60 00 00 00", "un numéro de téléphone"),
        ("Secrétariat (01.60.00.00.00)", "un numéro de téléphone"),
        ("Secrétariat +33 (0)1 60 00 00 00", "un numéro de téléphone"),
        ("Secrétariat 0612345678", "un numéro de téléphone"),
    ],
)
@pytest.mark.parametrize("cell", ["CISPD Est", "Délibération"])
def test_a_line_with_a_way_to_reach_a_person_is_refused(
    filed: Database, text: str, what: str, cell: str
) -> None:
    preview = previewed(filed, EST.replace(cell, text))
    (refused,) = preview.refused
    assert refused.line == 2 and what in refused.reason
    assert "aucune donnée personnelle" in refused.reason
    assert preview.changes == ()


@pytest.mark.parametrize(
    "source",
    [
        "Délibération n° 2024-0612345678 du 01/02/2024",
        "https://www.example.fr/carte/@48.5,2.6/page-0612345678",
        "JORFTEXT000012345678, séance du 01 02 2024",
        "Séances de 2019, 2020, 2021 et 2022",
    ],
)
def test_numbers_of_a_source_are_not_taken_for_a_phone(filed: Database, source: str) -> None:
    preview = previewed(filed, EST.replace("Délibération", f'"{source}"'))
    assert preview.refused == () and preview.changes


# Codes that are no communes of today, each with what it is.

AROUND = Places(
    COMMUNES | {"75056": "Paris", "91228": "Évry-Courcouronnes"},
    {"75101": "75056"},
    Movements(
        {"00099": Movement("00099", "Jadis", "00008", COMMUNES["00008"], date(2024, 1, 1))}, ()
    ),
)


@pytest.mark.parametrize("code", ["75056", "91228"])
def test_a_commune_of_another_departement_is_taken(filed: Database, code: str) -> None:
    lines = content(EST, EST.replace("00006", code))
    found = importing.preview(filed, DEPARTEMENT, lines, AROUND)
    assert found.refused == ()
    assert any(AROUND.names[code] in change.sentence for change in found.changes)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (EST.replace("00006", "75101"), "arrondissement municipal.*écrire 75056 \\(Paris\\)"),
        (EST.replace("00006", "00099"), "Jadis .* fait partie de Hautelande depuis le 1er janvier"),
        (EST.replace("00006;2024-01-01;", "00099;;2024-01-01"), "avant la fusion"),
        (EST.replace("00006", "33999"), "n’existe pas dans le code officiel géographique"),
        (EST.replace("00006", "Paris"), "illisible"),
    ],
)
def test_a_code_that_is_no_commune_is_refused_with_what_it_is(
    filed: Database, line: str, reason: str
) -> None:
    (refused,) = importing.preview(filed, DEPARTEMENT, content(line), AROUND).refused
    assert refused.line == 2 and re.search(reason, refused.reason)


def test_a_former_commune_is_taken_for_the_time_when_it_was_one(filed: Database) -> None:
    past = EST.replace("00006;2024-01-01;", "00099;2015-01-01;2023-12-31")
    assert importing.preview(filed, DEPARTEMENT, content(past), AROUND).refused == ()


def test_a_commune_of_a_departement_that_is_not_known_is_said_so(filed: Database) -> None:
    few = Places(COMMUNES, held=frozenset({"00"}))
    line = content(EST.replace("00006", "75056"))
    (refused,) = importing.preview(filed, DEPARTEMENT, line, few).refused
    assert "du département 75" in refused.reason and "n’existe pas" not in refused.reason


def test_what_a_council_holds_already_comes_back_whatever_became_of_it(filed: Database) -> None:
    without = Places({code: name for code, name in COMMUNES.items() if code != "00002"})
    exported = records.export_csv(records.memberships(filed, DEPARTEMENT))
    found = importing.preview(filed, DEPARTEMENT, exported, without)
    assert (found.changes, found.refused) == ((), ())
