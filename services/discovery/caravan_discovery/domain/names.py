"""What assets are called, looked up by key without a hash table of a million texts."""

import polars as pl


class Names:
    """Names by natural key. `assets`: natural_key, name; any order."""

    def __init__(self, assets: pl.DataFrame) -> None:
        ordered = assets if assets["natural_key"].is_sorted() else assets.sort("natural_key")
        self._keys, self._names = ordered["natural_key"], ordered["name"]

    def of(self, keys: pl.Series) -> pl.Series:
        """The name of each, null where the key is none of an asset."""
        if self._keys.is_empty():
            return pl.Series("name", [None] * len(keys), pl.String)
        at = self._keys.search_sorted(keys).clip(upper_bound=len(self._keys) - 1)
        found = pl.DataFrame({"asked": keys, "key": self._keys.gather(at), "name": self._names.gather(at)})
        return found.select(pl.when(pl.col("asked") == pl.col("key")).then("name")).to_series()
