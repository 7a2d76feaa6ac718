"""Lists of integers: sent, and their answers shown."""
