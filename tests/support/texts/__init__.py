"""A third kind of job, as whoever adds one writes it: statistics of a text."""
