"""The one error of the tools that is shown as it is, without a traceback."""


class Refusal(Exception):
    """This machine cannot do what was asked; ``str()`` is one sentence that says what to do."""
