"""Referrals, payments and refunds by the thousand. What the rules ask is known beforehand (known), what they decide is
written in sets; the rules are those of one row. Whoever writes about the same customer in the same moment makes a batch
start again, row by row.
"""
