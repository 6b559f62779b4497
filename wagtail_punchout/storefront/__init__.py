"""Where browsers meet PunchOut: start, return, cancel, and what holds during a visit."""
