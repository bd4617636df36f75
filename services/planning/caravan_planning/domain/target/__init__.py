"""Which machine each server becomes, where it lands, and what that costs beside what it costs today."""
