"""The written bank: messages by many hands, from which triage is to learn and against which it is held."""
