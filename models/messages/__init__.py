"""How messages name things: values of the data as an editor shows them, and the names that somebody may have meant."""

from models.messages.misspelt import near_names
from models.messages.values import shown

__all__ = ["near_names", "shown"]
