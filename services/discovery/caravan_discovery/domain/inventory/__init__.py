"""The estate: which rows are one asset, what each asset is, and what is missing."""
