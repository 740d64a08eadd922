"""The package that other teams install: the contracts, and comptoir_client to call them."""
