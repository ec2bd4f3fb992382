"""The demo firm: a whole desk on the synthetic market, made from one seed.

``create_demo(folder)`` makes one firm of four funds with about 6,000 positions, the ledger that
led to them and ten years of market data. Import the parts from the modules.
"""

from riskplatform.demofirm.create import create_demo

__all__ = ["create_demo"]
