"""What can be wrong with effects that are to be put together."""

from models.remarks import Stated


class SynthesisError(Stated):
    """Effects that cannot be put together; the message says what was found, what was expected and the remedy."""
