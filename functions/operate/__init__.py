"""operate: serves operators, who list, open, claim, answer, re-grade and close cases, and acknowledge alerts."""
