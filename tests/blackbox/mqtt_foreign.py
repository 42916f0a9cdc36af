"""Debian's paho client for Python, whichever Python runs the tests: it is of no other package than its own."""

import sys

sys.path.append("/usr/lib/python3/dist-packages")

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes

__all__ = ["PacketTypes", "paho"]
