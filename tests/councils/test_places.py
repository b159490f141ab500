"""Which communes there are, by code and by name, and what a store knows of them."""

import shutil
from pathlib import Path

import pytest

from diagnostics.councils.places import Places, places
from diagnostics.errors import Refused
from diagnostics.store import Store, open_store

KNOWN = Places({"01001": "Éclair", "02002": "Saint-Jean", "03003": "Saint-Jean"})


@pytest.mark.parametrize(
    ("written", "code"), [("01001", "01001"), ("éclair", "01001"), (" ECLAIR ", "01001")]
)
def test_a_commune_is_found_by_its_code_or_its_name(written: str, code: str) -> None:
    assert KNOWN.code_of(written) == code


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("Saint-Jean", "2 communes s’appellent.*02002, 03003"),
        ("Ailleurs", "Aucune commune ne s’appelle"),
        ("99999", "n’existe pas"),
    ],
)
def test_what_is_written_badly_is_refused_with_what_to_do(written: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        KNOWN.code_of(written)


@pytest.fixture
def held(simulated_store: Path) -> Store:
    return open_store(simulated_store)


def test_a_store_knows_the_communes_of_the_whole_country(held: Store) -> None:
    found = places(held)
    elsewhere = set(held.table("00", "groups").query("not inside")["code_insee"])
    assert elsewhere and elsewhere <= found.names.keys()
    assert found.held is None


def test_a_store_of_an_earlier_version_knows_its_own_and_says_of_which(
    simulated_store: Path, tmp_path: Path
) -> None:
    older = open_store(Path(shutil.copytree(simulated_store, tmp_path / "store")))
    shutil.rmtree(older.folder / "france")
    found = places(older)
    communes = older.table("00", "communes")
    assert set(found.names) == set(communes.loc[communes["kind"] == "commune", "code_insee"])
    with pytest.raises(Refused, match="du département 75, dont les communes ne sont pas connues"):
        found.require("75056")
