"""The cloud on this machine: MiniStack behind a gateway of ours, which keeps it on disk."""
