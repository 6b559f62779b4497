"""OCI, SAP's Open Catalog Interface: a form that the buyer's browser opens, and a form that takes the cart home.

Versions 3.0, 4.0 and 5.0. The XML variant of the return is left out: no buyer is known who needs it.
"""
