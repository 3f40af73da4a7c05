"""What the analyses of a survey and of a panel are both made of: what is asked, pieces, rows, comparisons, cut-offs."""
