"""How many people a study needs, and what a given number could have found."""
