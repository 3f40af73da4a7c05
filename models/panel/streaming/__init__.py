"""Fixed effects from sums over users, for rows that do not fit into memory."""
