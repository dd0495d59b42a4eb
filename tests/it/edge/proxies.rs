//! Errors of a proxy in front of the server, as the command line shows them, and which of them it tries again.

use std::path::PathBuf;
use std::process::Stdio;

use http::{Request, Response};
use ownerline_proto::cloudevents::to_line;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::process::{ownerline, stderr};
use crate::support::{NOW, feedback};

/// A proxy that answers every call but the greeting with an error of HTTP.
struct Proxy {
    url: String,
    /// The paths of the calls that it refused.
    refused: mpsc::UnboundedReceiver<String>,
}

impl Proxy {
    async fn answering(status: u16, greeting: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (calls, refused) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let calls = calls.clone();
                tokio::spawn(async move {
                    let mut connection = h2::server::handshake(stream).await.unwrap();
                    while let Some(Ok((request, mut respond))) = connection.accept().await {
                        let answer = answer(&request, status, greeting);
                        let _ = respond.send_response(answer, true);
                        if !is_greeting(&request) {
                            let _ = calls.send(request.uri().path().to_owned());
                        }
                    }
                });
            }
        });
        Self { url, refused }
    }
}

fn is_greeting<T>(request: &Request<T>) -> bool {
    request.uri().path().starts_with("/grpc.health.v1.")
}

fn answer<T>(request: &Request<T>, status: u16, greeting: u16) -> Response<()> {
    let answer = Response::builder().header("server", "nginx/1.26.3");
    let answer = match (is_greeting(request), greeting) {
        (true, 200) => answer
            .header("content-type", "application/grpc")
            .header("grpc-status", "12"),
        (true, greeting) => answer.status(greeting),
        (false, _) => answer.status(status),
    };
    answer.body(()).unwrap()
}

fn file() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("in.ndjson");
    let line = to_line(&feedback("owner-1", "proxied-1", NOW)).unwrap();
    std::fs::write(&file, line + "\n").unwrap();
    (directory, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_too_large_for_a_proxy_is_said_with_advice_and_not_tried_again() {
    let mut proxy = Proxy::answering(413, 200).await;
    let (_directory, file) = file();
    let mut import = ownerline();
    import
        .arg("import")
        .arg(file)
        .args(["--server", &proxy.url]);
    let output = tokio::task::spawn_blocking(move || import.output().unwrap());
    let output = output.await.unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in [
        "HTTP status 413",
        "from nginx/1.26.3",
        "HTTP_413",
        "client_max_body_size",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(proxy.refused.recv().await.unwrap().ends_with("/Import"));
    assert!(proxy.refused.try_recv().is_err(), "it was tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_without_its_server_is_tried_again() {
    for status in [429, 502, 503, 504] {
        let mut proxy = Proxy::answering(status, 200).await;
        let (_directory, file) = file();
        let mut import = ownerline();
        import
            .arg("import")
            .arg(file)
            .args(["--server", &proxy.url]);
        let import = import.stdout(Stdio::null()).stderr(Stdio::null());
        let mut import = import.spawn().unwrap();
        for _ in 0..2 {
            assert!(proxy.refused.recv().await.unwrap().ends_with("/Import"));
        }
        import.kill().unwrap();
        import.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_answers_to_a_question_names_the_status_and_what_to_do() {
    for (status, greeting, code, advice) in [
        (401, 200, "HTTP_401 (UNAUTHENTICATED)", "credentials"),
        (403, 200, "HTTP_403 (PERMISSION_DENIED)", "let this client"),
        (404, 200, "HTTP_404 (UNIMPLEMENTED)", "forward every path"),
        (503, 200, "HTTP_503 (UNAVAILABLE)", "try again in 1s"),
        (200, 502, "HTTP_502 (UNAVAILABLE)", "is running"),
        (200, 403, "HTTP_403 (PERMISSION_DENIED)", "let this client"),
    ] {
        let proxy = Proxy::answering(status, greeting).await;
        let mut list = ownerline();
        list.args(["projections", "list", "--server", &proxy.url]);
        let output = tokio::task::spawn_blocking(move || list.output().unwrap());
        let output = output.await.unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        for part in [code, advice, "nginx/1.26.3"] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }
}
