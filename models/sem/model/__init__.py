"""The table of parameters to matrices: implied moments, starting values, identification."""
