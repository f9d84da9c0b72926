"""Runs of pages: side by side, as a reader runs them, recorded with all that they used, kept.

`run` decides which pages run; `engine` hands them out as tasks, to this machine's cores or to other
machines; `child` is the process of one task; `page` runs a page there, with `recorder` in its
kernel; `used` says whether a run still holds; `store` keeps runs, and `shown` hands them to builds.
"""
