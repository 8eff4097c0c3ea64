"""The result report, charts, one-paragraph stories."""
