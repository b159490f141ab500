"""Free perimeters: composed, named, pasted, carried in the address, and what they refuse."""

import csv
import io

import pytest
from streamlit.testing.v1 import AppTest

from diagnostics.exports.csv import encoded
from diagnostics.report import Tables
from diagnostics.report import area as areas
from diagnostics.report.area import code_of
from diagnostics.report.perimeter import rows_of_perimeter
from diagnostics.wording import number
from pages.ui.keys import Param, Widget
from pages.ui.selection import NAME_LENGTH, codes_in, plain_name
from tests.pages.conftest import Opener

DEPARTEMENT = "00"


@pytest.fixture(scope="module")
def names(tables: Tables) -> dict[str, str]:
    communes = tables.communes[tables.communes["kind"] == "commune"]
    return dict(zip(communes["code_insee"], communes["name"], strict=True))


def words(page: AppTest) -> str:
    """Return all that a page says."""
    said = [e.value for e in (*page.markdown, *page.caption, *page.subheader)]
    shown = [str(e.proto.body) for e in page.main if e.type == "html"]
    return "\n".join([*said, *shown, *(e.proto.body for e in page.get("html"))])


def warnings(page: AppTest) -> list[str]:
    return [w.value for w in page.warning]


def chosen(page: AppTest) -> list[str]:
    written = str(page.query_params[Param.COMMUNES])
    return written.split(",") if written else []


# --- the address ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["carte", "fiche"])
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("{a},99999", "99999, qui n’est pas une commune de ce département"),
        ("99999,98989", "99999 et 98989, qui ne sont pas des communes"),
        ("75056,13055,{a}", "75056 et 13055, qui ne sont pas des communes"),
        ("{a},{b},{a}", "plusieurs fois {a}"),
        ("<script>alert(1)</script>", "aucun code de commune lisible"),
        (",".join(str(i) for i in range(95_000, 97_000)), "et 1\u202f997 autres"),
    ],
)
def test_what_an_address_asks_in_vain_is_said_in_one_sentence(
    open_page: Opener, names: dict[str, str], page: str, address: str, says: str
) -> None:
    a, b = list(names)[:2]
    opened = open_page(page, communes=address.format(a=a, b=b))
    assert not opened.exception and not opened.error
    (warning,) = warnings(opened)
    assert says.format(a=a) in warning and warning.endswith(".") and len(warning) < 200


@pytest.mark.parametrize("page", ["carte", "fiche"])
def test_a_sound_address_says_nothing_of_the_kind(
    open_page: Opener, names: dict[str, str], page: str
) -> None:
    opened = open_page(page, communes=",".join(list(names)[:4]))
    assert not opened.exception and not opened.error and not warnings(opened)
    assert "4 communes" in words(opened)


def test_the_whole_departement_is_a_perimeter_too(open_page: Opener, names: dict[str, str]) -> None:
    opened = open_page("fiche", communes=",".join(names))
    assert not opened.exception and not warnings(opened)
    assert f"{number(len(names))} communes" in words(opened)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Quartier de l’Étang – nord (2)", "Quartier de l’Étang – nord (2)"),
        ("<script>alert(1)</script>", "script alert(1) script"),
        ("![x](http://a.example/i.png)", "x (http a example i png)"),
        ("**gras** _italique_ `code` $x$ :red[y] ~z~ #t |u|", "gras italique code x red y z t u"),
        ("www.a.example a@b.example", "www a example a b example"),
        ("=cmd()", "cmd()"),
        ("  \u202etnew\nline\t ", "tnew line"),
        ("é" * 500, "é" * NAME_LENGTH),
        ("…", ""),
    ],
)
def test_a_name_is_plain_words(written: str, kept: str) -> None:
    assert plain_name(written) == kept
    assert plain_name(kept) == kept


def test_a_hostile_name_is_shown_as_words(open_page: Opener, names: dict[str, str]) -> None:
    codes = ",".join(list(names)[:4])
    opened = open_page("fiche", communes=codes, nom="<img src=x onerror=alert(1)> ![a](//b.c/d)")
    said = words(opened)
    assert "img src x onerror alert(1) a ( b c d)" in said
    assert "<img src=x" not in said and "![a]" not in said


# --- composing ------------------------------------------------------------------------------------


def test_the_switch_opens_an_empty_perimeter_and_leaves_it(open_page: Opener) -> None:
    opened = open_page("carte")
    opened.toggle(Widget.PERIMETER_MODE).set_value(True).run()
    assert chosen(opened) == []
    assert "Cliquer sur les communes" in words(opened)
    opened.toggle(Widget.PERIMETER_MODE).set_value(False).run()
    assert Param.COMMUNES not in opened.query_params and not opened.exception


@pytest.mark.parametrize("page", ["carte", "fiche"])
def test_communes_are_added_by_name_and_removed_one_by_one(
    open_page: Opener, names: dict[str, str], page: str
) -> None:
    a, b, c = list(names)[:3]
    opened = open_page(page, communes=f"{a},{b}")
    opened.selectbox(Widget.PERIMETER).set_value(c).run()
    assert sorted(chosen(opened)) == sorted([a, b, c])
    opened.button_group(Widget.PERIMETER_REMOVE).set_value(a).run()
    assert sorted(chosen(opened)) == sorted([b, c])
    opened.button(Widget.PERIMETER_CLEAR).click().run()
    assert chosen(opened) == [] and not opened.exception


def test_a_council_or_an_epci_is_a_start(open_page: Opener, tables: Tables) -> None:
    epci = tables.groups[(tables.groups["niveau"] == "epci") & tables.groups["inside"]]
    name, code = epci[["libelle", "code"]].iloc[0]
    members = set(epci.loc[epci["code"] == code, "code_insee"])
    opened = open_page("carte", communes="")
    opened.selectbox(Widget.PERIMETER_FROM).set_value(name).run()
    assert set(chosen(opened)) == members
    assert opened.selectbox(Widget.PERIMETER_FROM).value is None


def test_codes_and_names_are_pasted_together(open_page: Opener, names: dict[str, str]) -> None:
    (a, _), (b, name), (c, third) = list(names.items())[:3]
    opened = open_page("carte", communes="")
    pasted = f"{a} texte à côté; {name.upper()}\n{third},Introuvable-sur-Rien,99999"
    opened.text_area(Widget.PERIMETER_CODES).set_value(pasted).run()
    opened.button(Widget.PERIMETER_APPLY).click().run()
    assert chosen(opened) == [a, b, c]
    (error,) = opened.error
    assert "Introuvable-sur-Rien" in error.value and "99999" in error.value
    assert opened.text_area(Widget.PERIMETER_CODES).value == "Introuvable-sur-Rien\n99999"
    opened.text_area(Widget.PERIMETER_CODES).set_value("").run()
    assert not opened.error


def test_a_name_is_kept_in_the_address_as_it_is_read(
    open_page: Opener, names: dict[str, str]
) -> None:
    opened = open_page("carte", communes=",".join(list(names)[:4]))
    opened.text_input(Param.NOM).set_value("Secteur *nord*").run()
    assert opened.query_params[Param.NOM] == "Secteur nord"
    assert "Secteur nord" in [s.value for s in opened.subheader]
    opened.text_input(Param.NOM).set_value("").run()
    assert Param.NOM not in opened.query_params


def test_without_a_name_its_largest_communes_name_it(
    open_page: Opener, tables: Tables, names: dict[str, str]
) -> None:
    communes = tables.communes.sort_values("population_legal", ascending=False)
    first, second, *_ = communes["name"]
    opened = open_page("fiche", communes=",".join(communes["code_insee"].iloc[[4, 1, 0, 7]]))
    assert f"{first}, {second} et 2 autres communes" in [s.value for s in opened.subheader]


# --- its figures ----------------------------------------------------------------------------------


def test_the_file_holds_the_figures_of_the_sheet(
    open_page: Opener, tables: Tables, names: dict[str, str]
) -> None:
    towns = tables.communes.sort_values("population_legal", ascending=False)["code_insee"]
    codes = list(towns[:3])
    area = areas.perimeter(tables, codes, "Trois villes")
    text = encoded(rows_of_perimeter(tables, area)[0]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {(r["niveau"], r["code"], r["libelle"]) for r in rows} == {
        ("perimetre", code_of(codes), "Trois villes")
    }
    opened = open_page("fiche", communes=",".join(codes), nom="Trois villes")
    year = max(int(r["annee"]) for r in rows)
    published = [r for r in rows if int(r["annee"]) == year and r["statut"] == "publie"]
    assert published
    said = words(opened)
    for row in published:
        assert number(float(row["faits_publies"].replace(",", "."))) in said


def test_the_year_of_a_perimeter_is_that_of_the_address(
    open_page: Opener, tables: Tables, names: dict[str, str]
) -> None:
    oldest = min(tables.about["years"])
    codes = ",".join(list(names)[:4])
    opened = open_page("fiche", communes=codes, annee=str(oldest))
    assert opened.select_slider(Param.ANNEE).value == oldest


def test_the_sheet_leaves_a_perimeter_for_the_areas(
    open_page: Opener, names: dict[str, str]
) -> None:
    opened = open_page("fiche", communes=",".join(list(names)[:4]), nom="Nord")
    opened.button(Widget.PERIMETER_LEAVE).click().run()
    assert Param.COMMUNES not in opened.query_params and Param.NOM not in opened.query_params
    assert not opened.exception


def test_codes_are_read_from_any_text() -> None:
    assert codes_in("77288 Melun, 2a004 ; <b>77001</b> 123 1234567") == ["77288", "2A004", "77001"]
