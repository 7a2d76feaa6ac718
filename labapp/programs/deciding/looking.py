"""A look at all labels from the prompt, with a bar while label files are read."""
