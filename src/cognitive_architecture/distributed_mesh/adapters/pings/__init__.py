"""Pings: small datagrams beside the links, that tell a peer that is gone from a late packet.

token        the name that pings go under, and the secret that proves it
datagrams    a ping and its answer as bytes
places       where to ping, and where to answer: the endpoints of the links, over UDP
contacts     who is in contact, by the law of ``policies/detection/contact.py``
caller       the side that connects: a thread that pings and judges who answers
answerer     the side that listens: answers, and judges who pings
"""

from .answerer import Answerer
from .caller import Caller
from .contacts import Contacts, State
from .places import places_of
from .token import PingToken

__all__ = ["Answerer", "Caller", "Contacts", "PingToken", "State", "places_of"]
