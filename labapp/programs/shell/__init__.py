"""What all commands stand on: parsing, settings, output, confirmation, exit codes."""
