//! More connections than there is room for, and connections that say nothing or nonsense.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::child::ServerProcess;
use super::raw::Raw;
use super::{BOUND, record_afresh, serves};
use crate::support::{Dice, NOW, Server, feedback};

/// How many connections are opened at once; set it to try as many as the system allows.
const CONNECTIONS: &str = "OWNERLINE_OVERLOAD_CONNECTIONS";

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_beyond_the_limit_waits_and_is_served_when_one_ends() {
    let server = Server::start_with_settings(&[("server.connections", "8")]).await;
    let authority = server.addr().to_string();
    let url = format!("http://{authority}");
    // The client of the server itself is the eighth.
    let mut open = Vec::new();
    for _ in 0..7 {
        let mut raw = Raw::connect(&authority).await;
        raw.ready().await.unwrap();
        open.push(raw);
    }
    // Answered on one of the eight, so they are all there.
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let fresh = tokio::spawn(async move {
        record_afresh(&url, feedback("owner-1", "2", NOW)).await;
    });
    // Whoever is in goes on, and the ninth is not served meanwhile.
    for number in 0..50 {
        let touchpoint = feedback("owner-1", &format!("in-{number}"), NOW);
        server.record(touchpoint).await.unwrap();
        assert!(!fresh.is_finished(), "there is room for eight");
    }
    open.pop();
    fresh.await.unwrap();
    drop(open);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_give_their_places_back() {
    let settings = [
        ("server.connections", "4"),
        ("server.keepalive_timeout", "1s"),
    ];
    let server = Server::start_with_settings(&settings).await;
    let mut silent = Vec::new();
    for greeting in [&b""[..], b"PRI * HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r"] {
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(greeting).await.unwrap();
        silent.push(stream);
    }
    // All places are taken by those three and the client of the server.
    serves(&format!("http://{}", server.addr()), "after").await;
    for mut stream in silent {
        let mut rest = Vec::new();
        // A reset says the same as an end.
        let read = tokio::time::timeout(BOUND, stream.read_to_end(&mut rest)).await;
        assert!(read.is_ok(), "it was closed by the server");
    }
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_the_port_does_no_harm() {
    let server = Server::start_with_settings(&[("server.connections", "16")]).await;
    let url = format!("http://{}", server.addr());
    let mut dice = Dice(3);
    for round in 0..200 {
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        let mut bytes = match round % 4 {
            0 => Vec::new(),
            1 => b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
            2 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            // A TLS client that was not told that there is none.
            _ => vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3],
        };
        bytes.extend((0..dice.below(4_096)).map(|_| u8::try_from(dice.below(256)).unwrap()));
        // The server may have closed it by now.
        let _ = stream.write_all(&bytes).await;
    }
    serves(&url, "after").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_open_connections_leave_room_for_a_fresh_client() {
    let asked = std::env::var(CONNECTIONS).ok();
    let count: usize = asked.map_or(200, |count| count.parse().unwrap());
    let limit = (count + 10).to_string();
    let server = ServerProcess::start(&[("OWNERLINE_SERVER_CONNECTIONS", &limit)]);
    let before = server.resident_mib();
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        let connecting = Raw::connect(server.authority());
        let mut raw = tokio::time::timeout(BOUND, connecting).await.unwrap();
        raw.ready().await.unwrap();
        open.push(raw);
    }
    serves(server.url(), "meanwhile").await;
    println!(
        "{count} connections: resident MiB before {before:?}, now {:?}",
        server.resident_mib()
    );
    drop(open);
    tokio::time::timeout(Duration::from_secs(60), serves(server.url(), "after"))
        .await
        .unwrap();
}
