"""Labels taken out, in the formats of other tools."""
