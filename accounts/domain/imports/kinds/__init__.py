"""The kinds of files of the ground floor; other apps register theirs from their own hooks.py."""
