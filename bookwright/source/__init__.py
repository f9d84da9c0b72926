"""Pages as people write them: what their Markdown holds, and which code a value needs."""
