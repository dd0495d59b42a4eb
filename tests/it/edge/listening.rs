//! Addresses to listen on: names of hosts, a port alone, and who can reach them.

use crate::process::{Served, begin_to_serve, ownerline, run, stderr};

fn port(url: &str) -> &str {
    url.rsplit(':').next().unwrap()
}

#[test]
fn a_name_of_this_machine_alone_is_resolved_and_warns_of_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let metrics = [("OWNERLINE_METRICS_LISTEN", "localhost:0")];
    let served = Served::start_at(directory.path(), "localhost:0", &metrics);
    assert!(served.metrics().ip().is_loopback());
    let server = format!("http://localhost:{}", port(served.url()));
    let health = run(&["health", "--server", &server]);
    assert_eq!(health.status.code(), Some(0), "{}", stderr(&health));
    served.ask_to_end();
    let (code, told) = served.ended();
    assert_eq!(code, Some(0));
    assert!(!told.contains("other machines"), "{told}");
}

#[test]
fn a_port_alone_listens_on_every_interface_and_warns_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let metrics = [("OWNERLINE_METRICS_LISTEN", ":0")];
    let served = Served::start_at(directory.path(), ":0", &metrics);
    let server = format!("http://127.0.0.1:{}", port(served.url()));
    let health = run(&["health", "--server", &server]);
    assert_eq!(health.status.code(), Some(0), "{}", stderr(&health));
    served.ask_to_end();
    let (code, told) = served.ended();
    assert_eq!(code, Some(0));
    for warning in ["can reach the server", "can read the metrics"] {
        assert!(told.contains(warning), "{warning} in {told}");
    }
}

#[test]
fn a_name_without_an_address_and_what_is_no_address_are_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    // Longer than DNS takes, so nobody is asked.
    let name = "a".repeat(64);
    let mut serve = begin_to_serve(directory.path());
    serve.env("OWNERLINE_METRICS_LISTEN", format!("{name}:0"));
    let refused = serve.output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    let wanted = format!("cannot listen on {name}:0: its host cannot be resolved");
    assert!(said.contains(&wanted), "{said}");

    for listen in ["localhost", "7431", "::1:7431", "localhost:70000"] {
        let refused = ownerline().args(["serve", "--listen", listen]).output();
        let refused = refused.unwrap();
        assert_eq!(refused.status.code(), Some(1), "{listen}");
        let said = stderr(&refused);
        assert!(said.contains("server.listen (flag)"), "{said}");
        assert!(said.contains("\":7431\" (every interface)"), "{said}");
    }
}
