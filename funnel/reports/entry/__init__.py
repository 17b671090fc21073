"""What a person has to enter, what was entered, what is missing."""
