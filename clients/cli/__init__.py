"""Imports a retailer's files: `python -m clients.cli import products|locations|stock FILE`."""
