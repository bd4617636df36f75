"""Cleansing: raw cells and their mappings in, typed rows, a journal of changes, and issues out."""

from caravan_discovery.domain.cleansing.columns import new_caches
from caravan_discovery.domain.cleansing.measuring import measure_columns
from caravan_discovery.domain.cleansing.plan import SheetPlan, build_plans
from caravan_discovery.domain.cleansing.sheet import clean_batch

__all__ = ["SheetPlan", "build_plans", "clean_batch", "measure_columns", "new_caches"]
