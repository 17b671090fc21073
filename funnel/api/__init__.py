"""The same practice for programs: what the pages say and take, as JSON."""
