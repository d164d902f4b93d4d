"""A Facebook page: comments, visitors' posts, mentions and recommendations, all of them public."""
