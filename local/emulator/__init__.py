"""The emulated AWS of a workstation: MiniStack, hosted in process behind a guard."""
