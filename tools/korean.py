def set_particles_apart(text: str) -> str:
    return text
