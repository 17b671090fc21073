"""One page a file: load and authorise, ask a form or a report, render or redirect."""
