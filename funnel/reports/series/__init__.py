"""The weekly values of KPIs, with everything that held in each week: the one loader of numbers."""
