"""``make faults``: real processes are killed, frozen, flushed and filled up, and looked at after.

A row is one function in `tests.faults.rows`; beneath it, `fleet` holds the processes and `seen`
what was counted.
"""
