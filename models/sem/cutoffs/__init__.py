"""Cut-offs of fit indices for the model and the sample at hand."""
