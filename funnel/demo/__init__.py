"""Made-up practices to try the product with: what `manage.py demo` puts into an empty database."""
