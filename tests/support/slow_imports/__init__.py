"""Modules of services that take long to import, for tests of the process that imports them."""
