"""The estimators, a file each."""
