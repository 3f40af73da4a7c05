"""How the survey was answered: doubtful answers, rare categories, and answers that are missing."""
