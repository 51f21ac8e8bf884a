"""Finding landmarks on bones: geometric rules, read from TOML, that know no bone by name."""
