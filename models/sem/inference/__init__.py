"""What follows from the estimates: errors, tests, measures of fit, residuals, scores."""
