"""Territorial diagnosis of recorded crime: plain functions on frames, no screen."""

__version__ = "0.1.0"
