"""Discovery's rules: pure functions over tables. No bus, no crews, no network."""
