"""The suite on one machine: real engines and services as child processes, for development."""
