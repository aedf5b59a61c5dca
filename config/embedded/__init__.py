"""PostgreSQL and Valkey from Python packages, run privately in the checkout for development and tests."""
