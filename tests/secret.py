"""The secret of every connection in the tests; in a file of its own, for those who need it without Django."""

SECRET = "correct horse battery staple"
