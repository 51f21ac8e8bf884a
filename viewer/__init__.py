"""Pictures and windows: state, resolve, scene, exports, the Qt window and the command line."""
