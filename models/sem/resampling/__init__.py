"""The model fitted again to samples of its own respondents."""
