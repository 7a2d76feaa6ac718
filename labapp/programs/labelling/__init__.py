"""Hot dog or not: labelling, one picture after the other."""
