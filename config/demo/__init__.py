"""A believable company to look at: `manage.py demo`. Everything in it is invented."""
