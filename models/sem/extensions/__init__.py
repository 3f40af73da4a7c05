"""Model texts of products and of ordinal ladders, and answers simulated from a model."""
