"""The numbers: sums of MRR by month and dimension, kept with every change (counting.py), and what is read off them."""
