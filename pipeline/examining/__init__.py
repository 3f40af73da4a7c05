"""The data editor's check of the tree: counted facts, what is amiss, and one next step (`doctor`, `freeze`)."""
