"""How files are written, read, kept from others, and named by people."""
