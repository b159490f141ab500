"""The one way this package says no."""


class Refused(Exception):
    """An input that cannot be used as it is.

    Its message is one French sentence for the user: what is wrong, where (file, line or label)
    and what to do. The command line prints it and exits with 1; the pages show it in a box.
    """
