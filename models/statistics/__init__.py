"""What several kinds of model need: tail probabilities, Wald tests, corrections for multiple testing."""
