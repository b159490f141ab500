"""Who must have a council, who sits in one, and the groups made of it."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from diagnostics import territories
from diagnostics.errors import Refused
from diagnostics.sources.cog import departement_of, read_cog
from diagnostics.sources.qpv import read_qpv
from diagnostics.territories import TO_CONFIRM

HEADER = "territoire_id;type;nom;code_commune;du;au;statut;source"
NO_QPV = pd.DataFrame({"code_qpv": [], "name": [], "code_insee": []}, dtype="str")
NOBODY = pd.DataFrame(columns=territories.COLUMNS)


def communes(**populations: int | None) -> pd.DataFrame:
    """Return communes of the département 00, named by letters, with their legal populations."""
    codes = [f"0000{i}" for i in range(1, len(populations) + 1)]
    return pd.DataFrame(
        {
            "code_insee": codes,
            "current_code": codes,
            "name": list(populations),
            "kind": "commune",
            "population_legal": pd.array(list(populations.values()), dtype="Int64"),
            "code_epci": pd.Series([None] * len(codes), dtype="str"),
            "epci_name": pd.Series([None] * len(codes), dtype="str"),
            "code_arrondissement": pd.Series([None] * len(codes), dtype="str"),
            "arrondissement_name": pd.Series([None] * len(codes), dtype="str"),
        }
    )


def neighbourhoods(*codes: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"code_qpv": [f"QN0000{i}" for i in range(len(codes))], "name": "q", "code_insee": codes}
    )


def members(*rows: tuple[str, str, str], **common: object) -> pd.DataFrame:
    """Return memberships from (territory, type, commune); dates and status may be given."""
    values = {"start": None, "end": None, "status": "attesté", "source": "fixture"} | common
    return pd.DataFrame(
        [
            {"territory_id": t, "type": kind, "name": t.upper(), "code_insee": c} | values
            for t, kind, c in rows
        ],
        columns=territories.COLUMNS,
    )


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "00.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


# The law


@pytest.mark.parametrize(
    ("population", "qpv", "obliged", "coordinator"),
    [
        (5_000, 0, "aucune", False),
        (5_001, 0, "obligatoire", False),
        (12, 1, "obligatoire", False),
        (15_000, 0, "obligatoire", False),
        (15_001, 0, "obligatoire", True),
        (None, 0, "aucune", False),
        (None, 2, "obligatoire", False),
    ],
)
def test_the_law_counts_strictly_above_its_thresholds(
    population: int | None, qpv: int, obliged: str, coordinator: bool
) -> None:
    duty = territories.duty(communes(a=population), neighbourhoods(*["00001"] * qpv), NOBODY)
    (found,) = duty.to_dict("records")
    assert found["duty"] == obliged
    assert found["coordinator"] is coordinator
    assert found["qpv_count"] == qpv


def test_a_cispd_makes_the_clspd_optional_and_only_where_it_is_due() -> None:
    known = members(("c", "cispd", "00001"), ("c", "cispd", "00002"))
    duty = territories.duty(communes(a=9_000, b=400, c=9_000), NO_QPV, known)
    assert list(duty["duty"]) == ["facultatif", "aucune", "obligatoire"]
    assert list(duty["council_attested"]) == [True, True, False]
    assert list(duty["councils"]) == ["C", "C", ""]


@pytest.mark.parametrize("kind", ["clspd", "contrat"])
def test_nothing_but_a_cispd_makes_it_optional(kind: str) -> None:
    duty = territories.duty(communes(a=9_000), NO_QPV, members(("c", kind, "00001")))
    assert list(duty["duty"]) == ["obligatoire"]


def test_a_cispd_that_has_ended_makes_nothing_optional() -> None:
    ended = members(("c", "cispd", "00001"), end=date(2020, 12, 31))
    duty = territories.duty(communes(a=9_000), NO_QPV, ended)
    assert list(duty["duty"]) == ["obligatoire"] and list(duty["councils"]) == [""]


def test_a_cispd_that_is_to_be_confirmed_makes_nothing_optional() -> None:
    known = members(("c", "cispd", "00001")).assign(status=territories.TO_CONFIRM)
    duty = territories.duty(communes(a=9_000), NO_QPV, known)
    assert list(duty["duty"]) == ["obligatoire"] and list(duty["councils"]) == ["C"]
    assert list(duty["council_attested"]) == [False]


@pytest.mark.parametrize(
    ("kind", "status", "duties", "standing"),
    [
        ("cispd", "attesté", ["aucune"], "attesté"),
        ("clspd", "facultatif", ["obligatoire"], "facultatif"),
        ("clspd", territories.TO_CONFIRM, ["obligatoire"], territories.TO_CONFIRM),
        ("clspd", territories.TO_CONFIRM, ["aucune", "obligatoire"], territories.TO_CONFIRM),
        ("clspd", territories.TO_CONFIRM, ["facultatif"], territories.OPTIONAL),
        ("clspd", territories.TO_CONFIRM, ["aucune"], territories.NOT_ASKED),
        ("clspd", territories.TO_CONFIRM, [], territories.TO_CONFIRM),
        ("cispd", territories.TO_CONFIRM, ["obligatoire"], territories.BY_CHOICE),
        ("contrat", territories.TO_CONFIRM, ["obligatoire"], territories.BY_CHOICE),
    ],
)
def test_the_law_asks_communes_for_a_clspd_and_nobody_for_another_kind(
    kind: str, status: str, duties: list[str], standing: str
) -> None:
    assert territories.standing(kind, status, duties) == standing


def test_what_the_law_requires_is_derived_and_marked_to_be_confirmed() -> None:
    held = communes(Ombreval=9_000, Le_Gué=300, Aubigny=5_000, Vaux=6_000)
    held["name"] = held["name"].str.replace("_", " ")
    known = members(("c", "cispd", "00004"))
    derived = territories.derive(held, neighbourhoods("00002", "00002", "00001"), known)
    assert list(derived["territory_id"]) == ["clspd-ombreval-00001", "clspd-le-gue-00002"]
    assert list(derived["name"]) == ["CLSPD d’Ombreval", "CLSPD du Gué"]
    assert set(derived["type"]) == {"clspd"} and set(derived["status"]) == {TO_CONFIRM}
    grounds = list(derived["source"])
    assert all("L132-4" in text for text in grounds)
    assert "plus de 5 000 habitants et un quartier prioritaire" in grounds[0]
    assert "2 quartiers prioritaires" in grounds[1] and "5 000" not in grounds[1]


def test_no_second_council_is_derived_where_one_is_known() -> None:
    known = members(("clspd-a", "clspd", "00001"))
    assert territories.derive(communes(a=9_000), NO_QPV, known).empty
    assert territories.derive(communes(a=1), NO_QPV, NOBODY).empty


# Dates


def test_a_membership_is_in_force_from_its_first_to_its_last_day() -> None:
    table = members(("c", "cispd", "00001"), start=date(2020, 1, 1), end=date(2022, 12, 31))
    for day, there in (
        (date(2019, 12, 31), False),
        (date(2020, 1, 1), True),
        (date(2022, 12, 31), True),
        (date(2023, 1, 1), False),
    ):
        assert len(territories.current(table, day)) == there


def test_unknown_dates_are_open() -> None:
    table = members(("c", "cispd", "00001"))
    assert len(territories.current(table, date(1990, 1, 1))) == 1
    assert len(territories.current(table)) == 1
    assert territories.current(NOBODY).empty


def test_dates_survive_the_store(tmp_path: Path) -> None:
    table = pd.concat(
        [
            members(("c", "cispd", "00001"), start=date(2020, 1, 1)),
            members(("d", "clspd", "00001"), end=date(2021, 5, 1)),
        ],
        ignore_index=True,
    )
    table.to_parquet(tmp_path / "memberships.parquet", index=False)
    back = pd.read_parquet(tmp_path / "memberships.parquet")
    for day in (date(2019, 1, 1), date(2021, 1, 1), date(2025, 1, 1)):
        expected = list(territories.current(table, day)["territory_id"])
        assert list(territories.current(back, day)["territory_id"]) == expected


# The file


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    long_name = "CISPD " + "des Marches-du-Val-d’Orbe-et-" * 4 + "fin"
    assert len(long_name) >= 120
    table = members(("c", "cispd", "00001"), ("c", "cispd", "2A004"), start=date(2020, 1, 1))
    table["name"] = long_name
    table["source"] = 'plénière de 2021 ; « magazine »; page "2"'
    territories.write_memberships(table, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(territories.read_memberships(tmp_path / "t.csv"), table)


def test_a_spreadsheet_s_lost_zeros_are_given_back(tmp_path: Path) -> None:
    path = written(tmp_path, "c;cispd;C;1004;;;attesté;x", "c;cispd;C;2a004;;;attesté;x")
    assert list(territories.read_memberships(path)["code_insee"]) == ["01004", "2A004"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (";cispd;C;00001;;;attesté;x", "territoire_id"),
        ("c;cispd;;00001;;;attesté;x", "« nom »"),
        ("c;cispd;C;;;;attesté;x", "code_commune"),
        ("c;cispd;C;00001;;;;x", "statut"),
        ("c;conseil;C;00001;;;attesté;x", "type inconnu"),
        ("c;cispd;C;Ombreval;;;attesté;x", "illisible"),
        ("c;cispd;C;00001;01/02/2020;;attesté;x", "date illisible"),
        ("c;cispd;C;00001;2020-02-30;;attesté;x", "date illisible"),
        ("c;cispd;C;00001;2021-01-01;2020-01-01;attesté;x", "avant d’avoir commencé"),
    ],
)
def test_a_wrong_line_is_refused_by_its_number(tmp_path: Path, line: str, says: str) -> None:
    path = written(tmp_path, "ok;clspd;OK;00009;2020-01-01;2020-01-01;attesté;x", line)
    with pytest.raises(Refused) as refusal:
        territories.read_memberships(path)
    assert says in str(refusal.value) and "ligne 3" in str(refusal.value)
    assert path.name in str(refusal.value)


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (";", ";", True),
        ("2015-01-01;2018-12-31", "2018-12-31;", True),
        ("2015-01-01;2018-12-31", "2019-01-01;", False),
        ("2019-01-01;", "2015-01-01;2018-12-31", False),
        ("2015-01-01;", "2020-01-01;2021-01-01", True),
        (";2018-12-31", "2019-01-01;", False),
    ],
)
def test_a_commune_is_once_in_a_territory_at_a_time(
    tmp_path: Path, first: str, second: str, overlap: bool
) -> None:
    lines = [f"c;cispd;C;00001;{period};attesté;x" for period in (first, second)]
    path = written(tmp_path, *lines, "d;clspd;D;00001;;;attesté;x")
    if overlap:
        with pytest.raises(Refused, match="deux fois la même commune"):
            territories.read_memberships(path)
    else:
        assert len(territories.read_memberships(path)) == 3


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "c;cispd;C;00001;;attesté;x", header=HEADER.replace(";au", ""))
    with pytest.raises(Refused, match="« au »"):
        territories.read_memberships(path)


# Groups


def group_of(table: pd.DataFrame, niveau: str, code: str) -> dict[str, bool]:
    rows = table[(table["niveau"] == niveau) & (table["code"] == code)]
    return dict(zip(rows["code_insee"], rows["inside"], strict=True))


def grouped(
    held: pd.DataFrame, memberships: pd.DataFrame = NOBODY, epci: pd.DataFrame | None = None
) -> pd.DataFrame:
    nothing = pd.DataFrame(columns=["code_epci", "epci_name", "code_insee"], dtype="str")
    return territories.groups(
        held, nothing if epci is None else epci, memberships, "00", "Val-d’Orbe"
    )


def test_a_commune_may_sit_in_several_councils_or_in_none() -> None:
    table = grouped(
        communes(a=1, b=2, c=3),
        members(("c", "cispd", "00001"), ("c", "cispd", "00002"), ("d", "clspd", "00001")),
    )
    assert group_of(table, "territoire", "c") == {"00001": True, "00002": True}
    assert group_of(table, "territoire", "d") == {"00001": True}
    assert "00003" not in set(table.loc[table["niveau"] == "territoire", "code_insee"])
    assert set(group_of(table, "departement", "00")) == {"00001", "00002", "00003"}
    assert not table.duplicated(["niveau", "code", "code_insee"]).any()


def test_only_today_s_members_are_in_a_group() -> None:
    past = members(("c", "cispd", "00001"), end=date(2020, 1, 1))
    future = members(("c", "cispd", "00002"), start=date(2199, 1, 1))
    now = members(("c", "cispd", "00003"), start=date(2019, 1, 1))
    table = grouped(communes(a=1, b=2, c=3), pd.concat([past, future, now], ignore_index=True))
    assert group_of(table, "territoire", "c") == {"00003": True}


def test_a_council_astride_the_border_keeps_count_of_its_outside_members() -> None:
    table = grouped(communes(a=1), members(("c", "cispd", "00001"), ("c", "cispd", "99001")))
    assert group_of(table, "territoire", "c") == {"00001": True, "99001": False}
    elsewhere = grouped(communes(a=1), members(("d", "clspd", "99001")))
    assert group_of(elsewhere, "territoire", "d") == {}


def test_an_epci_astride_the_border_keeps_count_of_its_outside_members() -> None:
    held = communes(a=1, b=2)
    held["code_epci"], held["epci_name"] = "200000001", "CA de l’Orbe"
    epci = pd.DataFrame(
        {
            "code_epci": ["200000001"] * 3 + ["200000002"],
            "epci_name": ["CA de l’Orbe"] * 3 + ["CC d’ailleurs"],
            "code_insee": ["00001", "00002", "99001", "99002"],
        }
    )
    table = grouped(held, epci=epci)
    assert group_of(table, "epci", "200000001") == {"00001": True, "00002": True, "99001": False}
    assert group_of(table, "epci", "200000002") == {}


def test_a_member_stands_for_the_communes_that_it_has_absorbed() -> None:
    """The file still holds 00002, which 00001 has absorbed since; the council is today's."""
    held = communes(a=1, b=2, c=3)
    held["current_code"] = ["00001", "00001", "00003"]
    table = grouped(held, members(("c", "cispd", "00001")))
    assert group_of(table, "territoire", "c") == {"00001": True, "00002": True}
    # A new commune of today, of which the file holds the former parts only.
    held["current_code"] = ["00009", "00009", "00003"]
    table = grouped(held, members(("c", "cispd", "00009"), ("c", "cispd", "00003")))
    assert group_of(table, "territoire", "c") == {"00001": True, "00002": True, "00003": True}


def test_municipal_arrondissements_are_in_no_group() -> None:
    held = communes(a=1, b=2)
    held.loc[1, "kind"] = "arrondissement_municipal"
    held["code_arrondissement"], held["arrondissement_name"] = "001", "Arrondissement d’Orbe"
    assert set(grouped(held)["code_insee"]) == {"00001"}


# Seine-et-Marne


@pytest.fixture(scope="module")
def seine_et_marne() -> pd.DataFrame:
    return territories.read_memberships(territories.SEEDS / "77.csv")


@pytest.fixture(scope="module")
def real_communes(mirror: Path) -> pd.DataFrame:
    table = read_cog(mirror / "cog" / "communes.json").communes
    here = (table["departement"] == "77") & (table["kind"] == "commune")
    return table[here].reset_index(drop=True)


@pytest.fixture(scope="module")
def real_qpv(mirror: Path) -> pd.DataFrame:
    table = read_qpv(mirror / "zonage" / "qpv2024_france.json.gz")
    return table[table["code_insee"].map(departement_of) == "77"]


def test_attested_councils_name_their_source(seine_et_marne: pd.DataFrame) -> None:
    """DOMAIN §4: three attested CISPD, and Sénart's contract of 2015–2020."""
    attested = seine_et_marne[seine_et_marne["status"] != TO_CONFIRM]
    sizes = attested.groupby(["type", "territory_id"])["code_insee"].nunique()
    assert sorted(sizes["cispd"]) == [5, 20, 20]
    assert list(sizes["contrat"]) == [8]
    assert (attested["source"].str.len() > 10).all()
    assert set(seine_et_marne.loc[seine_et_marne["status"] == TO_CONFIRM, "type"]) == {"clspd"}
    ended = attested[attested["type"] == "contrat"]
    assert {d.year for d in ended["start"]} == {2015} and {d.year for d in ended["end"]} == {2020}


def test_the_rest_is_exactly_what_the_law_requires(
    seine_et_marne: pd.DataFrame, real_communes: pd.DataFrame, real_qpv: pd.DataFrame
) -> None:
    attested = seine_et_marne[seine_et_marne["status"] != TO_CONFIRM]
    derived = territories.derive(real_communes, real_qpv, attested)
    listed = seine_et_marne[seine_et_marne["status"] == TO_CONFIRM].reset_index(drop=True)
    order = ["territory_id"]
    pd.testing.assert_frame_equal(
        listed.sort_values(order, ignore_index=True), derived.sort_values(order, ignore_index=True)
    )


def test_every_member_is_a_commune_of_today(
    seine_et_marne: pd.DataFrame, real_communes: pd.DataFrame
) -> None:
    assert set(seine_et_marne["code_insee"]) <= set(real_communes["code_insee"])


def test_the_communes_that_the_law_concerns(
    real_communes: pd.DataFrame, real_qpv: pd.DataFrame
) -> None:
    """DOMAIN §4, municipal population 2023: 65 above 5,000, 25 above 15,000, 21 with a QPV."""
    duty = territories.duty(real_communes, real_qpv, NOBODY)
    assert int(duty["over_5000"].sum()) == 65
    assert int(duty["coordinator"].sum()) == 25
    assert int((duty["qpv_count"] > 0).sum()) == 21
    assert real_qpv["code_qpv"].nunique() == 25
