"""What Ethereum writes things with: Keccak-256, and addresses with their checksum. Needs the extra `ethereum`."""

from daccord.ethereum._addresses import ZERO_ADDRESS, address_text, parse_address
from daccord.ethereum._keccak import keccak256

__all__ = ["ZERO_ADDRESS", "address_text", "keccak256", "parse_address"]
