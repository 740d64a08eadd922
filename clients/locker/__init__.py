"""A locker cabinet in software: stands for a manufacturer's, so it uses the protocol alone."""
