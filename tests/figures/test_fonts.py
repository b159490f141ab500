"""Texts measured and cut before they are drawn."""

import pytest

from diagnostics.figures import fonts

TOWN = "Saint-Fargeau-sur-l’Eau-lès-Bois"


@pytest.mark.parametrize("text", [", ".join([TOWN] * 30), "mot " * 200 + "fin", "a" * 300, "Bref."])
@pytest.mark.parametrize("most", [1, 3, 100])
def test_a_text_that_is_cut_is_the_same_once_put_together(text: str, most: int) -> None:
    pieces = fonts.cut(text, 20, 300, most)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert all(len(fonts.wrap(piece, 20, 300)) <= most for piece in pieces)
    # A line that ends after a hyphen takes no space with it.
    assert not any("- " in piece for piece in pieces)
