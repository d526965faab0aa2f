"""Who may ask, from where, how often and how much. docs/security.md says against what."""

from genui.server.security.authentication import Auth, Authentication, bearer
from genui.server.security.gate import Gate, Public, Ticketed
from genui.server.security.keys import ApiKeys, read_key_file
from genui.server.security.limits import Limiter, ServerLimits
from genui.server.security.places import Hosts, Origins, host_name, is_loopback, origin_of
from genui.server.security.sessions import COOKIE, SESSION_SECONDS, TICKET_SECONDS, SessionRoutes

__all__ = [
    "COOKIE",
    "SESSION_SECONDS",
    "TICKET_SECONDS",
    "ApiKeys",
    "Auth",
    "Authentication",
    "Gate",
    "Hosts",
    "Limiter",
    "Origins",
    "Public",
    "ServerLimits",
    "SessionRoutes",
    "Ticketed",
    "bearer",
    "host_name",
    "is_loopback",
    "origin_of",
    "read_key_file",
]
