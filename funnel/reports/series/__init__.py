"""Weekly values of KPIs with everything in force: the only loader of numbers."""
