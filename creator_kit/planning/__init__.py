"""Grades and the plan: what to do next, and when. Nothing here posts, browses, likes or comments for anybody."""
