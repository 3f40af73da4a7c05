"""How messages name things: values of the data as an editor shows them, and the names that somebody may have meant."""

from models.messages.misspelt import did_you_mean, near_names, near_or_all
from models.messages.values import shown

__all__ = ["did_you_mean", "near_names", "near_or_all", "shown"]
