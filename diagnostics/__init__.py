"""Territorial diagnosis of recorded crime: plain functions on frames, no screen."""
