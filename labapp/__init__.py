"""A console suite for a Web-Queue-Worker lab on Amazon SQS and S3."""

__version__ = "0.1.0"
