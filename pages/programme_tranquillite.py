"""Programme 1 of the strategy."""

from pages.ui.navigation import show_page
from pages.ui.programme_page import show_programme

show_page(lambda: show_programme(1))
