"""What is minimised, by kind of sample and estimator."""
