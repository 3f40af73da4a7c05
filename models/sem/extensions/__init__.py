"""Model texts of products and of ordinal ladders, answers simulated from a model, refits compiled ahead."""
