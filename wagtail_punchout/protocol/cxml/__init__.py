"""cXML: XML to values and back.

``tree`` is the door every foreign document comes through; ``header`` and ``envelope`` are what surrounds a payload; the
payloads themselves are in ``setup``, ``order_message`` and ``profile``. ``item`` and ``party`` are their common words.
"""
