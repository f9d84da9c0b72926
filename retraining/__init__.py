"""Every training of the sources, over 5 seeds: what `make reproduce` does.

Imports run one way: `settings`, then `made_with`, then `task` and `sets`, then what is done in a
task's process (`trainings`, `recurrent`, `facts`, `measures`), and `__main__`, which asks for it by
name and never loads TensorFlow itself.
"""
