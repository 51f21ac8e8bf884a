"""Files people can show: stills, videos, meshes, pages."""
