"""What the shop sells: one TOML file for each category, and the pictures that go with it."""
