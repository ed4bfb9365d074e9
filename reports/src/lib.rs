//! Result model and renderers.
