//! The integration tests: one binary, one module for each thing that is promised.

mod bad_input;
mod real_data;
mod support;
mod timeline;
