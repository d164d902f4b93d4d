"""The real adapters behind the ports: one DynamoDB module per store, and the queues, buckets and secrets."""
