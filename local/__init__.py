"""What only a workstation needs: the emulated AWS, stand-ins for the platforms, the scripted day."""
