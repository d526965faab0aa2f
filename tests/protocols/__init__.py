"""Other protocols, each read by its real client in Node against a served GenUI."""
