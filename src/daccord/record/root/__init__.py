"""Root metadata: which keys may do what, and how that changes."""

from daccord.record.root._root import ROLES, Role, Root, follow, make_root, next_root, parse_root

__all__ = ["ROLES", "Role", "Root", "follow", "make_root", "next_root", "parse_root"]
