//! Engine, transports, runner.
