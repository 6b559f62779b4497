"""What happens, a verb a file. The only writers of sessions, quotes and exchanges.

A flow decides, writes in one transaction and returns a value. It is handed the time and the shop's adapter where it
needs them and never sees a request.
"""
