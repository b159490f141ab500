"""The list of councils on screen: read, edited, undone, imported, and read only elsewhere."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from diagnostics import councils_text, territories
from diagnostics.councils import edits, importing, notes, records, rules
from diagnostics.councils.database import VARIABLE, Database, open_database
from diagnostics.councils.history import history
from diagnostics.councils.places import Places, places
from diagnostics.councils.records import Council, Member
from diagnostics.councils.seeding import seed
from diagnostics.sources.cog import MERGED, MOVEMENTS, RESTORED
from diagnostics.store import open_store
from diagnostics.wording import NARROW, sort_key
from pages.ui.councils_access import SWITCH, may_edit
from pages.ui.councils_exchange import refused_lines
from pages.ui.keys import Param, Widget
from tests.pages.changed_store import changed_store
from tests.pages.conftest import Opener

DEPARTEMENT = "00"
WHO = "préfecture"


@pytest.fixture
def store_folder(
    simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Opener
) -> Path:
    """Return a store of this test alone, with its own list, where editing is on."""
    shutil.copytree(simulated_store, tmp_path / "store")
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(tmp_path / "store"))
    monkeypatch.setenv(SWITCH, "oui")
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path / "store"


@pytest.fixture
def database(store_folder: Path, open_page: Opener) -> Database:
    """Return the list that the page keeps, opened apart, as another person would."""
    open_page("territoires")
    return open_database(store_folder.with_name("store-conseils"))


def held(database: Database) -> list[Council]:
    return records.councils(database, DEPARTEMENT)


def a_cispd(database: Database, but: str = "") -> Council:
    """Return a council that shares no commune with another one of its type."""
    cispd = [c for c in held(database) if c.type == "cispd"]
    seats = Counter(code for c in cispd for code in c.codes())
    return next(c for c in cispd if c.id != but and all(seats[code] == 1 for code in c.codes()))


def now(database: Database, council: Council) -> Council:
    return records.council(database, DEPARTEMENT, council.id)


def name_the_service(page: AppTest) -> AppTest:
    return page.text_input(Widget.COUNCIL_WHO).set_value(WHO)


def told(page: AppTest) -> str:
    return " ".join(box.value for box in [*page.success, *page.error, *page.warning, *page.info])


# Who may edit.

LOCAL = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize(
    ("client_ip", "headers", "switch", "expected"),
    [
        (None, LOCAL, None, True),
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, None, True),
        ("::1", {"host": "[::1]:8501"}, None, True),
        (None, {}, None, False),  # nothing known of the client
        ("192.168.1.20", LOCAL, None, False),
        (None, {"Host": "diagnostic.example.fr"}, None, False),
        (None, {"Host": "localhost.example.fr"}, None, False),
        (None, {"Host": "[::1"}, None, False),
        # A proxy that keeps the upstream's name in Host: the browser's own is in Origin.
        (None, LOCAL | {"Origin": "https://diagnostic.example.fr"}, None, False),
        (None, LOCAL | {"Origin": "null"}, None, False),
        (None, LOCAL | {"X-Forwarded-For": "10.0.0.4"}, None, False),
        (None, LOCAL | {"x-forwarded-proto": "https"}, None, False),
        (None, LOCAL | {"Forwarded": "for=10.0.0.4"}, None, False),
        (None, LOCAL | {"X-Real-IP": "10.0.0.4"}, None, False),
        (None, LOCAL | {"Via": "1.1 proxy"}, None, False),
        ("192.168.1.20", {"Host": "diagnostic.example.fr"}, "oui", True),
        ("192.168.1.20", {"Host": "diagnostic.example.fr"}, "non", False),
        ("192.168.1.20", {"Host": "diagnostic.example.fr"}, "", False),
    ],
)
def test_editing_is_for_loopback_or_switched_on(
    client_ip: str | None, headers: dict[str, str], switch: str | None, expected: bool
) -> None:
    assert may_edit(client_ip, headers, switch) is expected


def test_elsewhere_the_page_is_read_only_and_says_how(
    store_folder: Path, open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SWITCH)
    page = open_page("territoires")
    assert any("Lecture seule" in box.value and SWITCH in box.value for box in page.info)
    assert any("`http://localhost`" in box.value for box in page.info)  # in words, not a link
    assert not [b for b in page.button if b.key == Widget.COUNCIL_NEW]
    council = next(iter(open_store(store_folder).table("00", "memberships")["territory_id"]))
    opened = open_page("territoires", conseil=council)
    assert not opened.exception
    assert not opened.text_input and not opened.multiselect
    for view in ("importer", "obligations", "historique"):
        assert not open_page("territoires", vue=view).file_uploader
    # The address of the form is no way around.
    assert not open_page("territoires", conseil="nouveau").text_input(Widget.COUNCIL_SEARCH).value


def test_a_write_is_refused_where_editing_was_switched_off_meanwhile(
    database: Database, open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    council = a_cispd(database)
    page = open_page("territoires", conseil=council.id)
    page = take_out(page, council, council.codes()[0])
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    saved = now(database, council)
    assert saved != council
    undo = page.button(Widget.COUNCIL_UNDO)
    monkeypatch.delenv(SWITCH)
    page = undo.click().run()
    assert now(database, council) == saved
    assert sum("Lecture seule" in box.value for box in page.error) == 1


# The list.


def test_the_list_shows_its_councils_and_finds_one_by_a_commune(
    database: Database, open_page: Opener
) -> None:
    page = open_page("territoires")
    assert not page.exception and not page.error
    council = a_cispd(database)
    names = dict(
        open_store()
        .table(DEPARTEMENT, "communes")[["code_insee", "name"]]
        .itertuples(index=False, name=None)
    )
    commune = names[council.codes()[0]]
    page.text_input(Widget.COUNCIL_SEARCH).set_value(commune).run()
    found = [link.label for link in page.main.get("page_link")]
    assert f"**{council.name}**" in found
    assert len(found) < len(held(database))
    page.text_input(Widget.COUNCIL_SEARCH).set_value("zzzz").run()
    assert any("Aucun conseil ne répond" in box.value for box in page.info)


def test_a_council_to_confirm_that_a_cispd_makes_optional_is_not_said_asked_by_the_law(
    database: Database, open_page: Opener
) -> None:
    asked = "à confirmer, que la loi demande"

    def summary() -> str:
        return next(m.value for m in open_page("territoires").markdown if asked in m.value)

    in_cispd = {c for council in held(database) if council.type == "cispd" for c in council.codes()}
    to_confirm = [c for c in held(database) if c.status == territories.TO_CONFIRM]
    free = [c for c in to_confirm if not in_cispd & set(c.codes())]
    assert free and f"{len(free)} {asked}" in summary()
    covered = free[0]
    names = dict.fromkeys(covered.codes(), "")
    edits.add_communes(
        database, a_cispd(database), covered.codes(), date.today(), who=WHO, communes=names
    )
    assert f"{len(free) - 1} {asked}" in summary()
    assert territories.OPTIONAL in summary()
    page = open_page("territoires", conseil=covered.id)
    assert any(territories.OPTIONAL in m.value for m in page.markdown)
    (code,) = covered.codes()
    printed = councils_text.print_page(
        [covered], {}, "Orbe", date(2026, 3, 1), duties={code: "facultatif"}, simulated=True
    )
    assert territories.OPTIONAL in printed and territories.TO_CONFIRM not in printed
    printed = councils_text.print_page(
        [covered], {}, "Orbe", date(2026, 3, 1), duties={code: "obligatoire"}, simulated=True
    )
    assert territories.TO_CONFIRM in printed and territories.OPTIONAL not in printed


def test_a_cispd_to_be_confirmed_is_not_counted_among_what_the_law_asks(
    database: Database, open_page: Opener
) -> None:
    def asked() -> str:
        summary = next(m.value for m in open_page("territoires").markdown if "en cours" in m.value)
        return summary[summary.index("par une source et") : summary.index("que la loi demande")]

    before = asked()
    communes = open_store().table(DEPARTEMENT, "communes")
    taken = {code for c in held(database) for code in c.codes()}
    code = next(c for c in communes["code_insee"] if c not in taken)
    made = edits.create(
        database,
        DEPARTEMENT,
        type="cispd",
        name="CISPD à la main",
        codes=[code],
        since=None,
        who=WHO,
        communes={code: "X"},
        status=territories.TO_CONFIRM,
    )
    assert asked() == before
    page = open_page("territoires")
    said = f"1 autre, à confirmer aussi, est {territories.BY_CHOICE}"
    assert said in " ".join(m.value for m in page.markdown)
    page = open_page("territoires", conseil=made.id)
    assert any(territories.BY_CHOICE in m.value for m in page.markdown)


def test_an_unknown_council_in_the_address_opens_the_list(
    database: Database, open_page: Opener
) -> None:
    page = open_page("territoires", conseil="<b>inconnu</b>")
    assert not page.exception
    assert any("n’est pas dans cette liste" in box.value for box in page.warning)


# Editing.


def take_out(page: AppTest, council: Council, code: str) -> AppTest:
    names = page.multiselect(f"{Widget.COUNCIL_COMMUNES}-{council.id}")
    return names.set_value([c for c in names.value if c != code]).run()


def bring_in(page: AppTest, council: Council, code: str) -> AppTest:
    names = page.multiselect(f"{Widget.COUNCIL_COMMUNES}-{council.id}")
    return names.set_value([*names.value, code]).run()


def test_a_council_is_created_from_an_intercommunality(
    database: Database, open_page: Opener
) -> None:
    groups = open_store().table(DEPARTEMENT, "groups")
    taken = {code for c in held(database) if c.type == "cispd" for code in c.codes()}
    of_epci = groups[groups["niveau"] == "epci"].groupby("libelle")["code_insee"].agg(set)
    epci, codes = next((n, c) for n, c in of_epci.items() if not c & taken)
    page = open_page("territoires")
    page = page.button(Widget.COUNCIL_NEW).click().run()
    page = page.selectbox(Widget.COUNCIL_EPCI).set_value(epci).run()
    name = page.text_input(Widget.COUNCIL_NAME).value
    assert name.startswith("CISPD ") and name.split(" ")[-1] in epci
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert "qui modifie" in page.error[0].value  # the service first
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert "a une source" in page.error[0].value
    page.text_input(Widget.COUNCIL_SOURCE).set_value("Délibération")
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert not page.error and not page.exception
    (made,) = [c for c in held(database) if c.name == name]
    assert set(made.codes()) == codes
    assert made.id in page.query_params[Param.CONSEIL]
    assert f"Crée «{NARROW}{name}{NARROW}»" in told(page)


def test_a_commune_passes_from_one_council_to_another_in_one_change(
    database: Database, open_page: Opener
) -> None:
    to = a_cispd(database)
    left = a_cispd(database, but=to.id)
    code = left.codes()[0]
    page = bring_in(open_page("territoires", conseil=to.id), to, code)
    assert f"quitte le {left.name}" in told(page)
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert not page.error
    assert code in now(database, to).codes()
    assert code not in now(database, left).codes()
    yesterday = date.today() - timedelta(days=1)
    assert code in now(database, left).codes(yesterday)
    entry = history(database, DEPARTEMENT)[0]
    assert set(entry.council_ids) == {to.id, left.id} and entry.who == WHO

    page = page.button(Widget.COUNCIL_UNDO).click().run()
    assert "Annulé" in told(page)
    assert now(database, to).members == to.members
    assert now(database, left).members == left.members
    # The editor starts again from there: nothing is left to save.
    assert not [b for b in page.button if b.key == Widget.COUNCIL_SAVE]


def test_communes_are_named_in_order_and_enter_by_their_own_source(
    database: Database, open_page: Opener
) -> None:
    to = a_cispd(database)
    code = a_cispd(database, but=to.id).codes()[0]
    page = bring_in(open_page("territoires", conseil=to.id), to, code)
    names = dict(
        open_store()
        .table(DEPARTEMENT, "communes")[["code_insee", "name"]]
        .itertuples(index=False, name=None)
    )
    shown = [names[c] for c in page.multiselect(f"{Widget.COUNCIL_COMMUNES}-{to.id}").value]
    assert shown == sorted(shown, key=sort_key)
    by_label(page.text_input, "Source de ce changement").set_value("Délibération du 3 mars")
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert not page.error and not page.exception
    sources = {m.code_insee: m.source for m in now(database, to).members}
    assert sources.pop(code) == "Délibération du 3 mars"
    assert set(sources.values()) == {m.source for m in to.members}


def test_a_commune_of_another_departement_enters_by_its_name_or_its_code(
    database: Database, open_page: Opener
) -> None:
    council = a_cispd(database)
    store = open_store()
    here = set(store.table(DEPARTEMENT, "communes")["code_insee"])
    names = places(store).names
    code = next(c for c, n in names.items() if c not in here and list(names.values()).count(n) == 1)
    field = f"{Widget.COUNCIL_OUTSIDE}-{council.id}"
    page = open_page("territoires", conseil=council.id)
    page = page.text_input(field).set_value("Nulle-Part-les-Bains").run()
    assert "Aucune commune ne s’appelle" in told(page)
    page = page.text_input(field).set_value("99999").run()
    assert "n’existe pas" in told(page)
    page = page.text_input(field).set_value(names[code]).run()
    assert not page.error and page.text_input(field).value == ""
    assert code in page.multiselect(f"{Widget.COUNCIL_COMMUNES}-{council.id}").value
    own = next(caption.value for caption in page.caption if "Champ vide" in caption.value)
    assert council.source in own
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert not page.error and not page.exception
    assert code in now(database, council).codes()
    assert names[code] in told(page)


def test_a_change_may_have_an_earlier_day(database: Database, open_page: Opener) -> None:
    council = a_cispd(database)
    code, first = council.codes()[0], date(2024, 3, 1)
    page = open_page("territoires", conseil=council.id)
    page.date_input(f"{Widget.COUNCIL_SINCE}-{council.id}").set_value(first).run()
    page = take_out(page, council, code)
    name_the_service(page)
    page.button(Widget.COUNCIL_SAVE).click().run()
    ends = {m.code_insee: m.end for m in now(database, council).members}
    assert ends.pop(code) == date(2024, 2, 29)
    assert set(ends.values()) == {None}


def test_no_council_is_left_without_a_commune(database: Database, open_page: Opener) -> None:
    council = a_cispd(database)
    page = open_page("territoires", conseil=council.id)
    page.multiselect(f"{Widget.COUNCIL_COMMUNES}-{council.id}").set_value([]).run()
    name_the_service(page)
    page.button(Widget.COUNCIL_SAVE).click().run()
    assert "mettre fin au conseil" in told(page)
    assert now(database, council) == council


def on_block(page: AppTest, council: Council, block: str) -> AppTest:
    return page.segmented_control(f"{Widget.COUNCIL_BLOCK}-{council.id}").set_value(block).run()


def test_of_two_editors_the_second_is_told_and_keeps_what_was_typed(
    database: Database, open_page: Opener
) -> None:
    council = a_cispd(database)
    page = on_block(open_page("territoires", conseil=council.id), council, "Nom, statut, source")
    edits.change(database, council, who="CA voisine", source="Autre délibération")
    page.text_input(f"{Widget.COUNCIL_NAME}-{council.id}").set_value("CISPD rebaptisé")
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert now(database, council).name == council.name  # nothing written
    assert "Autre délibération" in told(page) and "CA voisine" in told(page)
    assert page.text_input(f"{Widget.COUNCIL_NAME}-{council.id}").value == "CISPD rebaptisé"

    page = page.button(Widget.COUNCIL_REDO).click().run()
    source = page.text_input(f"{Widget.COUNCIL_SOURCE}-{council.id}")
    assert source.value == "Autre délibération"  # untouched here: it follows
    page.button(Widget.COUNCIL_SAVE).click().run()
    saved = now(database, council)
    assert (saved.name, saved.source) == ("CISPD rebaptisé", "Autre délibération")


def test_communes_being_chosen_survive_somebody_else_s_change(
    database: Database, open_page: Opener
) -> None:
    council = a_cispd(database)
    first, second = council.codes()[:2]
    page = take_out(open_page("territoires", conseil=council.id), council, first)
    communes = {code: code for code in council.codes()}
    edits.remove_communes(
        database, council, [second], date.today(), who="CA voisine", communes=communes
    )
    page = page.run()
    assert "a changé pendant que vous le modifiiez" in told(page)
    page = page.button(Widget.COUNCIL_REDO).click().run()
    name_the_service(page)
    page.button(Widget.COUNCIL_SAVE).click().run()
    assert set(council.codes()) - set(now(database, council).codes()) == {first, second}


def test_a_council_splits_then_merges_then_ends(database: Database, open_page: Opener) -> None:
    council = a_cispd(database)
    gone = council.codes()[:2]
    page = open_page("territoires", conseil=council.id)
    page = on_block(page, council, "Scinder, réunir, terminer")
    name_the_service(page)
    by_label(page.multiselect, "Communes qui forment").set_value(gone)
    by_label(page.text_input, "Nom du nouveau").set_value("CISPD scindé")
    page = page.button(Widget.COUNCIL_SPLIT).click().run()
    assert not page.error
    (made,) = [c for c in held(database) if c.name == "CISPD scindé"]
    assert made.codes() == gone

    page.radio[0].set_value("Réunir").run()
    by_label(page.multiselect, "Conseils repris").set_value([made.id])
    page = page.button(Widget.COUNCIL_MERGE).click().run()
    assert not page.error
    assert now(database, council).codes() == council.codes()

    page.radio[0].set_value("Terminer").run()
    page = page.button(Widget.COUNCIL_END).click().run()
    assert not page.error
    assert now(database, council).codes() == []


def by_label(elements: object, label: str) -> object:
    return next(e for e in elements if e.label.startswith(label))  # type: ignore[attr-defined]


# The law.


def test_a_commune_bound_by_the_law_gets_its_council_in_one_click(
    store_folder: Path, open_page: Opener
) -> None:
    first = open_store(store_folder).table(DEPARTEMENT, "memberships")
    code = str(first.loc[first["type"] == "clspd", "code_insee"].iloc[0])
    database = open_database(store_folder.with_name("store-conseils"))
    seed(database, DEPARTEMENT, first[first["code_insee"] != code])
    page = open_page("territoires", vue="obligations")
    name_the_service(page)
    page = page.button(f"{Widget.COUNCIL_DUTY}-{code}").click().run()
    assert not page.error
    (made,) = [c for c in held(database) if c.codes() == [code]]
    assert made.status == territories.TO_CONFIRM and "L132-4" in made.source
    assert not [b for b in page.button if b.key == f"{Widget.COUNCIL_DUTY}-{code}"]

    edits.end(database, made, date.today(), who=WHO)
    page = open_page("territoires", vue="obligations")
    name_the_service(page)
    page = page.button(f"{Widget.COUNCIL_DUTY}-{code}").click().run()
    assert not page.error
    assert now(database, made).codes() == [code]  # the same council again, not a second one


# Import and print.

HEADER = "territoire_id;type;nom;code_commune;du;au;statut;source"


def test_an_import_says_what_it_refuses_by_line_and_writes_the_rest(
    database: Database, open_page: Opener
) -> None:
    taken = {code for c in held(database) if c.type == "cispd" for code in c.codes()}
    communes = open_store().table(DEPARTEMENT, "communes")["code_insee"]
    free, other = [c for c in communes if c not in taken][:2]
    lines = [
        HEADER,
        f"cispd-bon;cispd;CISPD Bon;{free};2026-01-01;;attesté;Délibération",
        "cispd-perdu;cispd;CISPD Perdu;99999;2026-01-01;;attesté;Délibération",
        f"cispd-formule;cispd;=1+1;{other};2026-01-01;;attesté;Délibération",
        f"cispd-date;cispd;CISPD Date;{other};2026-05-01;2026-01-01;attesté;Délibération",
        f"cispd-point;cispd;CISPD; Point;{other};2026-01-01;;attesté;Délibération",
    ]
    page = open_page("territoires", vue="importer")
    before = held(database)
    page.file_uploader(Widget.COUNCIL_FILE).set_value(
        ("liste.csv", "\n".join(lines).encode(), "text/csv")
    ).run()
    assert not page.exception
    assert "4 lignes refusées" in told(page)
    tables = " ".join(block.value for block in page.main.get("html"))
    for line in (3, 4, 5, 6):
        assert f">{line}</td>" in tables
    assert ">2</td>" not in tables
    assert held(database) == before  # a preview writes nothing
    name_the_service(page)
    page = page.button(Widget.COUNCIL_IMPORT).click().run()
    assert not page.exception
    assert {c.id for c in held(database)} - {c.id for c in before} == {"cispd-bon"}


def test_a_long_file_shows_its_first_refusals_and_gives_them_all(
    database: Database, open_page: Opener
) -> None:
    lines = [f"cispd-{n};cispd;CISPD {n};99999;;;attesté;Délibération" for n in range(120)]
    page = open_page("territoires", vue="importer")
    assert any(rules.NO_PERSONAL_DATA in caption.value for caption in page.caption)
    page.file_uploader(Widget.COUNCIL_FILE).set_value(
        ("liste.csv", "\n".join([HEADER, *lines]).encode(), "text/csv")
    ).run()
    assert not page.exception and "120 lignes refusées" in told(page)
    tables = " ".join(block.value for block in page.main.get("html"))
    assert ">51</td>" in tables and ">52</td>" not in tables
    content = "\n".join([HEADER, *lines]).encode()
    found = importing.preview(database, DEPARTEMENT, content, Places({}))
    report = refused_lines(found).decode("utf-8-sig").splitlines()
    assert report[0] == "ligne;valeur;raison" and len(report) == 121
    assert report[-1].startswith("121;99999;") and "99999" in report[-1]
    assert [b for b in page.get("download_button") if b.key == Widget.COUNCIL_REFUSED]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a;b\n1;2\n", "n’a pas la colonne"),
        ("é".encode("utf-16")[:-1], "UTF-16"),
        (b"\x00\x01", "n’est pas du texte"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(
    database: Database, open_page: Opener, content: bytes, words: str
) -> None:
    page = open_page("territoires", vue="importer")
    page.file_uploader(Widget.COUNCIL_FILE).set_value(("x.csv", content, "text/csv")).run()
    assert not page.exception
    assert words in page.error[0].value
    assert not [b for b in page.button if b.key == Widget.COUNCIL_IMPORT]


def test_the_page_to_print_holds_every_council_and_runs_nothing() -> None:
    council = Council(
        "00",
        "cispd-x",
        "cispd",
        "CISPD <script>alert(1)</script>",
        "attesté",
        "Délibération & séance",
        members=(
            Member("00001", date(2020, 1, 1), date(2021, 12, 31)),
            Member("00002"),
        ),
    )
    ended = replace(
        council, id="clspd-y", name="CLSPD fini", members=(Member("00001", None, date(2021, 1, 1)),)
    )
    page = councils_text.print_page(
        [council, ended], {"00001": "Amblay"}, "Orbe", date(2026, 3, 1), duties={}, simulated=False
    )
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "1er janvier 2020" in page and "31 décembre 2021" in page
    assert "date non connue" in page and "en cours" in page
    assert "CLSPD fini" in page and "terminé le 1er janvier 2021" in page
    assert "1 conseil en cours, liste arrêtée au 1er mars 2026" in page
    assert "http" not in page  # it asks nothing of the network


# Mergers of communes.


PARTED = f"{date.today().year}-01-01"


def moved(
    store_folder: Path, folder: Path, kind: str, code: str, other: str, on: str = PARTED
) -> Path:
    """Return a store whose list of movements holds one more."""
    communes = open_store(store_folder).table(DEPARTEMENT, "communes")
    names = communes.set_index("code_insee")["name"]
    row = pd.DataFrame([(kind, code, names[code], other, names[other], on)], columns=MOVEMENTS)
    folder.mkdir()
    return changed_store(
        store_folder, folder, {"france/movements": lambda t: pd.concat([t, row], ignore_index=True)}
    )


def lone_members(store_folder: Path) -> "pd.Series[Any]":
    """Return {council id: its communes that sit in no other one}, of CISPD, the largest first."""
    members = open_store(store_folder).table(DEPARTEMENT, "memberships")
    cispd = territories.current(members[members["type"] == "cispd"])
    alone = cispd[~cispd["code_insee"].duplicated(keep=False)]
    found = alone.groupby("territory_id")["code_insee"].agg(list)
    return found[found.map(len).sort_values(ascending=False, kind="stable").index]


@pytest.fixture
def merged(
    store_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, str, str, str]:
    """Return a store where a commune has merged, its council, its code, and its successor's."""
    alone = lone_members(store_folder)
    former, successor = alone.iloc[0][:2]
    folder = moved(store_folder, tmp_path / "fusion", MERGED, former, successor)
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(folder))
    return folder, alone.index[0], former, successor


def test_councils_follow_a_merger_of_communes_in_one_click_undone_as_one(
    merged: tuple[Path, str, str, str], open_page: Opener
) -> None:
    folder, council_id, former, successor = merged
    page = open_page("territoires")
    database = open_database(folder.with_name("store-conseils"))
    before = held(database)
    assert "1 commune de la liste a fusionné" in " ".join(m.value for m in page.markdown)
    assert any(former in m.value and successor in m.value for m in page.markdown)
    page = page.button(Widget.COUNCIL_FOLLOW).click().run()
    assert "qui modifie" in page.error[0].value and held(database) == before
    name_the_service(page)
    page = page.button(Widget.COUNCIL_FOLLOW).click().run()
    assert not page.exception and not page.error
    after = records.council(database, DEPARTEMENT, council_id).codes()
    assert successor in after and former not in after
    assert "Suit les fusions" in told(page) and history(database, DEPARTEMENT)[0].who == WHO
    assert not [b for b in page.button if b.key == Widget.COUNCIL_FOLLOW]
    page = page.button(Widget.COUNCIL_UNDO).click().run()
    assert [c.members for c in held(database)] == [c.members for c in before]
    assert page.button(Widget.COUNCIL_FOLLOW)


def test_a_merger_is_told_and_not_followed_where_the_page_is_read_only(
    merged: tuple[Path, str, str, str], open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("territoires")
    name_the_service(page)
    follow = page.button(Widget.COUNCIL_FOLLOW)
    monkeypatch.delenv(SWITCH)
    page = follow.click().run()
    database = open_database(merged[0].with_name("store-conseils"))
    assert merged[2] in records.council(database, DEPARTEMENT, merged[1]).codes()
    assert "a fusionné" in " ".join(m.value for m in page.markdown)
    assert not [b for b in page.button if b.key == Widget.COUNCIL_FOLLOW]


def test_a_commune_that_unites_two_councils_is_given_to_one_in_a_click(
    store_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Opener
) -> None:
    alone = lone_members(store_folder)
    (leaving, (former, *_)), (keeping, (target, *_)) = list(alone.items())[:2]
    folder = moved(store_folder, tmp_path / "desaccord", MERGED, former, target)
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(folder))
    page = open_page("territoires")
    assert "réunit" in " ".join(m.value for m in page.markdown)
    assert not [b for b in page.button if b.key == Widget.COUNCIL_FOLLOW]
    name_the_service(page)
    page = page.button(f"{Widget.COUNCIL_DECIDE}-cispd-{target}-{leaving}").click().run()
    assert not page.exception and not page.error
    database = open_database(folder.with_name("store-conseils"))
    assert target in records.council(database, DEPARTEMENT, leaving).codes()
    assert target not in records.council(database, DEPARTEMENT, keeping).codes()
    assert not [b for b in page.button if str(b.key).startswith(Widget.COUNCIL_DECIDE)]
    page = page.button(Widget.COUNCIL_UNDO).click().run()
    assert target in records.council(database, DEPARTEMENT, keeping).codes()
    assert [b for b in page.button if str(b.key).startswith(Widget.COUNCIL_DECIDE)]


def test_a_commune_that_parts_is_asked_about_and_answered_in_a_click(
    store_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Opener
) -> None:
    members = open_store(store_folder).table(DEPARTEMENT, "memberships")
    communes = open_store(store_folder).table(DEPARTEMENT, "communes")["code_insee"]
    alone = lone_members(store_folder)
    council, (origin, *_) = next(iter(alone.items()))
    code = next(c for c in communes if c not in set(members["code_insee"]))
    folder = moved(store_folder, tmp_path / "separation", RESTORED, code, origin)
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(folder))
    page = open_page("territoires")
    assert "est de nouveau une commune" in " ".join(m.value for m in page.markdown)
    name_the_service(page)
    page = page.button(f"{Widget.COUNCIL_DECIDE}-{council}-{code}-True").click().run()
    assert not page.exception and not page.error
    database = open_database(folder.with_name("store-conseils"))
    assert code in records.council(database, DEPARTEMENT, council).codes()
    assert "siège toujours dans" in told(page)
    assert "est de nouveau une commune" not in " ".join(m.value for m in page.markdown)


# What is kept with a council, and the figures.


def test_texts_are_kept_by_year_and_a_second_writer_is_told(
    database: Database, open_page: Opener
) -> None:
    council = a_cispd(database)
    year = date.today().year
    page = open_page("territoires", conseil=council.id)
    page = on_block(page, council, "Textes, logo, supports")
    key = f"{Widget.COUNCIL_NOTE}-{council.id}-{year}"
    page.text_area(f"{key}-context").set_value("Une gare neuve.")
    name_the_service(page)
    page = page.button(Widget.COUNCIL_NOTE).click().run()
    assert not page.error
    assert notes.note(database, council, year).context == "Une gare neuve."

    kept = notes.note(database, council, year)
    notes.write_note(database, replace(kept, decisions="Une charte."), "CA voisine")
    page.text_area(f"{key}-context").set_value("Deux gares neuves.")
    page = page.button(Widget.COUNCIL_NOTE).click().run()
    assert notes.note(database, council, year).context == "Une gare neuve."
    assert "CA voisine" in told(page)
    page = page.button(Widget.COUNCIL_REDO).click().run()
    page.button(Widget.COUNCIL_NOTE).click().run()
    note = notes.note(database, council, year)
    assert (note.context, note.decisions) == ("Deux gares neuves.", "Une charte.")


def test_what_is_typed_is_kept_through_another_block_until_saved_or_abandoned(
    database: Database, open_page: Opener
) -> None:
    council = a_cispd(database)
    texts, named = "Textes, logo, supports", "Nom, statut, source"
    context = f"{Widget.COUNCIL_NOTE}-{council.id}-{date.today().year}-context"
    name = f"{Widget.COUNCIL_NAME}-{council.id}"
    page = on_block(open_page("territoires", conseil=council.id), council, texts)
    page = page.text_area(context).set_value("Une gare neuve.").run()
    page = on_block(page, council, named)
    page = page.text_input(name).set_value("CISPD rebaptisé").run()
    page = on_block(page, council, "Historique")
    page = on_block(page, council, texts)
    assert page.text_area(context).value == "Une gare neuve."
    page = on_block(page, council, named)
    assert page.text_input(name).value == "CISPD rebaptisé"
    page = page.button(Widget.COUNCIL_CANCEL).click().run()
    assert page.text_input(name).value == council.name
    assert not [b for b in page.button if b.key == Widget.COUNCIL_CANCEL]
    page = on_block(page, council, texts)
    assert page.text_area(context).value == "Une gare neuve."  # that one was not abandoned
    name_the_service(page)
    page = page.button(Widget.COUNCIL_NOTE).click().run()
    assert notes.note(database, council, date.today().year).context == "Une gare neuve."
    assert now(database, council).name == council.name
    assert not [b for b in page.button if b.key == Widget.COUNCIL_CANCEL]


def test_a_new_council_keeps_what_is_typed_until_it_is_made_or_abandoned(
    database: Database, open_page: Opener
) -> None:
    groups = open_store().table(DEPARTEMENT, "groups")
    epci = groups.loc[groups["niveau"] == "epci", "libelle"].iloc[0]
    page = open_page("territoires")
    page = page.button(Widget.COUNCIL_NEW).click().run()
    page = page.selectbox(Widget.COUNCIL_EPCI).set_value(epci).run()
    page = page.selectbox(Widget.COUNCIL_TYPE).set_value("contrat").run()
    page = page.text_input(Widget.COUNCIL_NAME).set_value("=Contrat").run()
    page = page.text_input(Widget.COUNCIL_SOURCE).set_value("Arrêté du 3 mars").run()
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert "formule" in page.error[0].value
    page.query_params.pop(Param.CONSEIL)
    page = page.run()  # elsewhere
    page.query_params[Param.CONSEIL] = "nouveau"
    page = page.run()
    assert page.selectbox(Widget.COUNCIL_TYPE).value == "contrat"
    assert page.text_input(Widget.COUNCIL_NAME).value == "=Contrat"
    assert page.text_input(Widget.COUNCIL_SOURCE).value == "Arrêté du 3 mars"
    assert page.multiselect(f"{Widget.COUNCIL_COMMUNES}-nouveau").value
    page = page.button(Widget.COUNCIL_CANCEL).click().run()
    assert not page.text_input(Widget.COUNCIL_NAME).value
    assert not page.multiselect(f"{Widget.COUNCIL_COMMUNES}-nouveau").value
    assert not [b for b in page.button if b.key == Widget.COUNCIL_CANCEL]


def test_a_split_keeps_what_is_typed_until_it_is_made_or_abandoned(
    database: Database, open_page: Opener
) -> None:
    council = a_cispd(database)
    structure = "Scinder, réunir, terminer"
    codes = f"{Widget.COUNCIL_SPLIT}-{council.id}-who"
    name = f"{Widget.COUNCIL_SPLIT}-{council.id}-name"
    page = on_block(open_page("territoires", conseil=council.id), council, structure)
    page = page.multiselect(codes).set_value(council.codes()[:1]).run()
    page = page.text_input(name).set_value(council.name).run()
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SPLIT).click().run()
    assert "s’appelle déjà" in page.error[0].value
    page = on_block(page, council, "Historique")
    page = on_block(page, council, structure)
    assert page.multiselect(codes).value == council.codes()[:1]
    assert page.text_input(name).value == council.name
    page = page.radio(f"structure-{council.id}").set_value("Réunir").run()
    page = page.radio(f"structure-{council.id}").set_value("Scinder").run()
    assert page.text_input(name).value == council.name
    page = page.text_input(name).set_value("CISPD né d’une scission").run()
    page = page.button(Widget.COUNCIL_SPLIT).click().run()
    assert not page.error and not page.exception
    assert page.text_input(name).value == "" and page.multiselect(codes).value == []
    assert now(database, council).codes() == council.codes()[1:]


def test_texts_are_undone_from_the_history_and_taken_up_from_an_earlier_version(
    database: Database, open_page: Opener
) -> None:
    council, year = a_cispd(database), date.today().year
    texts = "Textes, logo, supports"
    context = f"{Widget.COUNCIL_NOTE}-{council.id}-{year}-context"
    first = notes.write_note(
        database, replace(notes.note(database, council, year), context="Une gare."), WHO
    )
    notes.write_note(database, replace(first, context="Deux gares."), WHO)
    page = on_block(open_page("territoires", conseil=council.id), council, "Historique")
    entry = history(database, DEPARTEMENT)[0]
    said = " ".join(m.value for m in page.markdown)
    assert "Annuler ce changement, c’est" in said and "Une gare." in said
    name_the_service(page)
    page = page.button(f"{Widget.COUNCIL_UNDO}-{entry.id}").click().run()
    assert not page.error and not page.exception
    assert notes.note(database, council, year).context == "Une gare."
    page = on_block(page, council, texts)
    take = f"{Widget.COUNCIL_NOTE}-{council.id}-{year}-version-2"
    page = page.button(take).click().run()
    assert page.text_area(context).value == "Deux gares."
    assert notes.note(database, council, year).context == "Une gare."  # not before it is saved
    page = page.button(Widget.COUNCIL_NOTE).click().run()
    assert notes.note(database, council, year).context == "Deux gares."
    assert [b for b in page.button if b.key == Widget.COUNCIL_UNDO]


def test_a_deck_produced_by_mistake_leaves_the_list_and_comes_back(
    database: Database, open_page: Opener
) -> None:
    council = a_cispd(database)
    notes.record_deck(database, council, "edition-1", "pptx", {})
    page = open_page("territoires", conseil=council.id)
    page = on_block(page, council, "Textes, logo, supports")
    name_the_service(page)
    page = page.button(Widget.COUNCIL_DECK).click().run()
    assert not page.error and notes.decks(database, council) == []
    assert "Retire un support" in told(page)
    page = page.button(Widget.COUNCIL_UNDO).click().run()
    assert len(notes.decks(database, council)) == 1


def test_the_figures_follow_the_list_when_asked(
    database: Database, open_page: Opener, store_folder: Path
) -> None:
    council = a_cispd(database)
    code = council.codes()[0]
    page = open_page("territoires", conseil=council.id)
    assert not [b for b in page.button if b.key == Widget.COUNCIL_FIGURES]
    page = take_out(page, council, code)
    name_the_service(page)
    page = page.button(Widget.COUNCIL_SAVE).click().run()
    assert "suivent encore" in " ".join(m.value for m in page.markdown)
    page = page.button(Widget.COUNCIL_FIGURES).click().run()
    assert not page.exception and not page.error
    assert not [b for b in page.button if b.key == Widget.COUNCIL_FIGURES]
    store = open_store(store_folder)
    groups = store.table(DEPARTEMENT, "groups").query("code == @council.id")
    assert code not in set(groups["code_insee"])
    (origin,) = [
        i for i in store.about(DEPARTEMENT)["inputs"] if i["publisher"].startswith("Liste tenue")
    ]
    assert len(origin["sha256"]) == 64 and origin["rows"] == len(
        records.memberships(database, DEPARTEMENT)
    )


@pytest.mark.parametrize("name", ["carte", "fiche", "programme_tranquillite", "comparer", "comite"])
def test_pages_with_figures_of_councils_say_that_they_follow_an_older_list(
    database: Database, open_page: Opener, name: str
) -> None:
    assert not [b for b in open_page(name).button if b.key == Widget.COUNCIL_FIGURES]
    council = a_cispd(database)
    names = dict.fromkeys(council.codes(), "")
    edits.remove_communes(
        database, council, council.codes()[:1], date.today(), who=WHO, communes=names
    )
    page = open_page(name)
    assert not page.exception
    assert sum("suivent encore l’ancienne liste" in m.value for m in page.markdown) == 1
    page = page.button(Widget.COUNCIL_FIGURES).click().run()
    assert not page.exception and not page.error
    assert not [b for b in page.button if b.key == Widget.COUNCIL_FIGURES]


def test_a_page_of_figures_opens_no_list_where_nobody_has_kept_one(
    store_folder: Path, open_page: Opener
) -> None:
    assert not open_page("carte").exception
    assert not store_folder.with_name("store-conseils").exists()


def test_a_list_that_cannot_be_read_stops_no_page_of_figures(
    store_folder: Path, open_page: Opener
) -> None:
    folder = store_folder.with_name("store-conseils")
    folder.mkdir()
    (folder / "conseils.sqlite").write_bytes(b"no database" * 100)
    page = open_page("carte")
    assert not page.exception and "ne peut pas être lue" in told(page)
    assert page.selectbox
