"""attachments: copies what people attach before the platform's link dies."""
