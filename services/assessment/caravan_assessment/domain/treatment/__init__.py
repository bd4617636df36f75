"""The 6 Rs: parameters, scores, hard rules, and a choice that gives its reasons. Rules and figures are data."""
