"""`python -m clients.cli`: imports a retailer's files, and does what operators do by hand."""
