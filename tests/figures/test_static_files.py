"""What the app serves to the browser: whole files, named by their content."""

import json

from pages.ui import static_files


def test_leaflet_is_copied_and_again_costs_nothing(tmp_path):
    static_files.copy_leaflet(tmp_path)
    script = tmp_path / "vendor" / "leaflet" / "leaflet.js"
    assert script.read_text(encoding="utf-8").startswith("/* @preserve\n * Leaflet 1.9.4")
    written = script.stat().st_mtime_ns
    static_files.copy_leaflet(tmp_path)
    assert script.stat().st_mtime_ns == written


def test_an_older_leaflet_is_replaced(tmp_path):
    static_files.copy_leaflet(tmp_path)
    script = tmp_path / "vendor" / "leaflet" / "leaflet.js"
    whole = script.read_bytes()
    script.write_bytes(b"old")
    static_files.copy_leaflet(tmp_path)
    assert script.read_bytes() == whole


def test_the_address_of_outlines_follows_their_content(tmp_path, outlines):
    first = static_files.write_contours(outlines, "99-communes", tmp_path)
    assert static_files.write_contours(outlines, "99-communes", tmp_path) == first
    other = static_files.write_contours(outlines.head(2), "99-communes", tmp_path)
    assert other != first
    assert len(json.loads((tmp_path / first).read_text(encoding="utf-8"))["features"]) == 6
    assert sorted(path.name for path in (tmp_path / "contours").iterdir()) == sorted(
        path.split("/")[1] for path in (first, other)
    )
