"""Caravan's assessment flow: an inventory in; a treatment and a wave for every application out."""
