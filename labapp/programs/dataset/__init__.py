"""The pictures to be labelled: uploaded, listed, removed; answers imported."""
