"""How each service is called, and where in it the defects sit."""

from .clinic import CLINIC
from .library import LIBRARY
from .market import MARKET
from .service import Service

SERVICES: list[Service] = [CLINIC, MARKET, LIBRARY]

__all__ = ["SERVICES", "Service"]
