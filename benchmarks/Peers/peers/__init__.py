"""Who is compared: a folder each, with a class `Peer` in peer.py."""
import importlib

NAMES = ("webdis", "nginx", "fastapi", "litellm")


def peer(name, place):
    return importlib.import_module(f"peers.{name}.peer").Peer(place)
