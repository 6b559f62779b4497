"""Text to values and values to text: what PunchOut says, without anybody saying it.

Nothing here knows Django, a clock, a random number, a network or a disk: fresh ids and the time come in as
arguments. So every rule of the standards can be read, and tested, on its own.
"""
