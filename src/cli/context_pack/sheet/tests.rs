//! A sheet as it stands on a terminal.
