"""The science: theory, estimation, measurement, and what they say of data; no input and no output."""
