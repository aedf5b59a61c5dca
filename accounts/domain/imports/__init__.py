"""Files on their way in. Bytes become rows (reading), columns become fields (mapping, guessing), cells become
values (cells), good rows wait in a temporary table (staging) until the kind's loader writes them (kinds/), all in
one transaction (running). A run's life, from upload to result, is in runs.
"""
