"""Where machines talk to the shop: bytes in, one flow, bytes out."""
