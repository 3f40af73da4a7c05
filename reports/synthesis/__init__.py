"""Several data sets together: what was found, in sentences, forest plots and tables, and its page."""
