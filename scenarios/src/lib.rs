//! Statement catalogue, scenario model, session model.
