"""One module per platform: how it shakes hands, signs, and frames events. Channels of one platform share it."""
