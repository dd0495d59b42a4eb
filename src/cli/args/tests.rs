//! The command line is sound and says what is wrong.

use clap::CommandFactory as _;

use super::*;

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn a_type_may_be_short() {
    let full = "com.ownerline.dealer_replied.v1";
    assert_eq!(type_name("dealer_replied").as_deref(), Ok(full));
    assert_eq!(type_name(full).as_deref(), Ok(full));
}

#[test]
fn a_wrong_type_suggests_those_alike() {
    let refused = type_name("dealer_answered").unwrap_err();
    assert!(refused.contains("dealer_registered"), "{refused}");
    assert!(type_name("x").is_err());
}

#[test]
fn a_wrong_time_is_a_usage_error() {
    let line = ["ownerline", "timeline", "o-1", "--as-of", "soon"];
    let error = Cli::try_parse_from(line).unwrap_err().to_string();
    assert!(error.contains("2014-01-04T09:30:00Z"), "{error}");
}

#[test]
fn the_server_can_be_named_behind_the_command() {
    let line = ["ownerline", "projections", "list", "--server", "http://x:1"];
    assert_eq!(Cli::try_parse_from(line).unwrap().server, "http://x:1");
}
