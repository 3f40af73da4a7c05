"""What follows from the estimates: errors, tests, indices of fit, residuals, scores."""
