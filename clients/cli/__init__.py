"""Imports a retailer's files: `python -m clients.cli import KIND FILE`."""
