"""The commands of ``palpate``, one module per family; :mod:`viewer.cli` names them."""
