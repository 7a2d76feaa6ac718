"""What the doctor looks at in a cloud: each file one concern, each check yields its findings."""
