"""What the labels say: of all pictures, of one, of each annotator."""
