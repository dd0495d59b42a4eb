//! The command line is sound and reports what is wrong.

use clap::CommandFactory as _;

use super::*;

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn a_wrong_time_is_a_usage_error() {
    let line = ["ownerline", "timeline", "o-1", "--as-of", "soon"];
    let error = Cli::try_parse_from(line).unwrap_err().to_string();
    assert!(error.contains("2014-01-04T09:30:00Z"), "{error}");
}

#[test]
fn the_server_can_be_given_after_the_command() {
    let line = ["ownerline", "projections", "list", "--server", "http://x:1"];
    assert_eq!(Cli::try_parse_from(line).unwrap().server, "http://x:1");
}
