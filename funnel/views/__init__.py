"""One page per module: authorise, call a form or report, render."""
