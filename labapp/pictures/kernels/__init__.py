"""The arithmetic behind the larger operations: one algorithm a file, frames in and frames out."""
