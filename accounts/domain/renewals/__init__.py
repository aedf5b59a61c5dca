"""Terms of subscriptions and what becomes of them (RULES 3): kept by terms.py, worked on in work.py, moved on by the
clock in sweep.py, foreseen in forecast.py, read by pages through listing.py."""
