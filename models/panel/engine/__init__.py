"""From rows to estimates: keys, columns, sample, design, effects taken out, covariance."""
