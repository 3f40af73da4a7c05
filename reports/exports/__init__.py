"""A page's exhibits in the forms that people paste, print and send: Word, Excel, LaTeX, CSV, PDF, pictures."""
