"""Tables: from rows of the results to exhibits, a module a chapter."""
