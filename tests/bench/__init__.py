"""`make bench`: what the product does against a yardstick in the same run, as ratios (see __main__.py)."""
