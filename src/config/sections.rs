//! The table of configuration: every section and key, with its meaning, default and bounds.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::time::Duration;

use super::key::{Entry, Key};
use super::listen::ListenAddress;
use super::networks::Networks;
use super::schemes::Schemes;
use super::setting::LogFormat;
use super::source::Sources;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Declares the section structs, their defaults, [`Config`] and the table of keys from one list of
/// `key: type = default, bounds;`, so that none of them can disagree.
macro_rules! sections {
    ($(
        #[doc = $about_section:literal]
        $section:ident: $Section:ident {
            $( $(#[doc = $about:literal])+ $key:ident: $Type:ty = $default:expr, $bounds:expr; )+
        }
    )+) => {
        $(
            #[doc = $about_section]
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $Section {
                $( $(#[doc = $about])+ pub $key: $Type, )+
            }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $( $key: $default.into(), )+ }
                }
            }
        )+

        /// The configuration of a server: one struct per section. `Display` prints it as TOML, with the
        /// source of each value in a comment; what is printed loads to the same values.
        #[derive(Debug, Clone, Default)]
        pub struct Config {
            $( #[doc = $about_section] pub $section: $Section, )+
            /// Where each value came from.
            pub sources: Sources,
        }

        /// All keys, in the order of the table.
        pub(super) static KEYS: &[&dyn Key<Config>] = &[
            $( $( &Entry::<Config, $Type> {
                section: stringify!($section),
                name: stringify!($key),
                about: concat!($($about),+),
                bounds: $bounds,
                get: |config| &config.$section.$key,
                get_mut: |config| &mut config.$section.$key,
            }, )+ )+
        ];
    };
}

sections! {
    /// The gRPC server: its address and the limits of its connections.
    server: ServerConfig {
        /// Address to listen on, resolved at the start; without a host on every interface; port 0 lets the system choose.
        listen: ListenAddress = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 7431), ();
        /// Longest drain before the tasks that still run are cut off.
        drain_timeout: Duration = secs(10), ms(100)..=secs(600);
        /// Interval of HTTP/2 pings on a connection.
        keepalive_interval: Duration = secs(20), secs(1)..=secs(7200);
        /// Longest wait for the greeting of a new connection, or the answer to a ping, before it is closed.
        keepalive_timeout: Duration = secs(10), secs(1)..=secs(600);
        /// Concurrent HTTP/2 streams, and so requests, of one connection; at most three quarters of them may be gRPC streams.
        streams_per_connection: usize = 100_usize, 1..=65_536;
        /// HTTP/2 flow-control window of one stream.
        stream_window_bytes: u64 = MIB, 64 * KIB - 1..=GIB;
        /// HTTP/2 flow-control window of one connection.
        connection_window_bytes: u64 = 8 * MIB, 64 * KIB - 1..=GIB;
        /// Open connections.
        connections: usize = 10_000_usize, 1..=1_000_000;
        /// Requests in progress over all connections; more are refused.
        concurrent_requests: usize = 4_096_usize, 1..=1_000_000;
        /// Largest header list of a request.
        header_bytes: u64 = 16 * KIB, KIB..=MIB;
        /// Longest deadline of a unary request; a later one is cut to it.
        request_timeout: Duration = secs(30), ms(10)..=secs(3600);
        /// Proxies whose `x-forwarded-for` is believed: log lines about bad calls then name the client behind them.
        trusted_proxies: Networks = Networks::default(), ();
    }

    /// The log: its directory, the writer's queue and groups, readers and index.
    store: StoreConfig {
        /// Directory of the log, its index and the views.
        data: PathBuf = "./ownerline-data", ();
        /// Events that may wait for the writer; more are refused.
        queue_events: usize = 16_384_usize, 1..=1 << 24;
        /// Events committed with one sync at most.
        group_events: usize = 1_024_usize, 1..=65_536;
        /// Newest events kept in memory until the index holds them.
        tail_events: usize = 65_536_usize, 1..=1 << 24;
        /// Threads, each with a read-only connection, that read the log.
        readers: usize = 4_usize, 1..=64;
        /// Size at which the write-ahead log is checkpointed and, once free, reset.
        wal_bytes: u64 = 256 * MIB, MIB..=64 * GIB;
        /// Block cache of the index.
        index_cache_bytes: u64 = 64 * MIB, MIB..=256 * GIB;
        /// Journal of the index; opening after a crash replays it.
        index_journal_bytes: u64 = 64 * MIB, 64 * MIB..=GIB;
    }

    /// The projector, which keeps the views up to date with the log.
    projector: ProjectorConfig {
        /// Events applied in one atomic write at most.
        batch_events: usize = 4_096_usize, 1..=65_536;
        /// Block cache of the views.
        cache_bytes: u64 = 128 * MIB, MIB..=256 * GIB;
        /// Journal of the views; opening after a crash replays it.
        journal_bytes: u64 = 64 * MIB, 64 * MIB..=GIB;
    }

    /// The clock-keeper, which records warnings and breaches of obligations.
    keeper: KeeperConfig {
        /// Whether it runs; its first start on a log is recorded there.
        enabled: bool = true, ();
        /// Events that it records per second at most, in order of time; the others wait.
        events_per_second: usize = 500_usize, 1..=100_000;
    }

    /// The limits of requests; a refusal names the limit.
    limits: LimitsConfig {
        /// Encoded size of one touchpoint.
        touchpoint_bytes: u64 = 64 * KIB, KIB..=3 * MIB;
        /// Characters (Unicode scalar values) of one text field.
        text_characters: usize = 10_000_usize, 256..=1_000_000;
        /// Touchpoints of one batch.
        batch_touchpoints: usize = 1_000_usize, 1..=10_000;
        /// Touchpoints of one RecordStream or Import that are being recorded at once (one message always is).
        stream_in_flight: usize = 2_048_usize, 1..=1 << 20;
        /// Encoded size of one batch.
        batch_bytes: u64 = 4 * MIB, KIB..=256 * MIB;
        /// Entries of one page.
        page_entries: usize = 1_000_usize, 1..=100_000;
        /// Entries of the trace of a case.
        trace_entries: usize = 1_000_usize, 1..=100_000;
        /// Touchpoints that the search for the trace of a case takes; beyond it the trace says that it ended early.
        trace_touchpoints: usize = 20_000_usize, 1..=1_000_000;
        /// Longest wait of a query for the position that its answer must include.
        at_least_wait: Duration = secs(10), Duration::ZERO..=secs(600);
        /// Events of one message of a stream.
        read_batch: usize = 512_usize, 1..=4_096;
        /// How far a touchpoint's `occurred_at` may be ahead of the server's clock.
        future_tolerance: Duration = secs(60), Duration::ZERO..=secs(86_400);
        /// Schemes that addresses of photographs may have, besides https; never one that may carry scripts or read files.
        photograph_schemes: Schemes = Schemes::none(), ();
        /// Open subscriptions and watches over all connections.
        subscriptions: usize = 1_000_usize, 1..=100_000;
        /// Longest wait for the reader of a subscription or watch to take a message; a slower one is ended.
        slow_reader: Duration = secs(30), ms(100)..=secs(3600);
        /// Longest silence of a watch, a subscription or a rebuild; then a message says how far it is.
        watch_silence: Duration = secs(15), ms(10)..=secs(3600);
    }

    /// Metrics for a Prometheus server.
    metrics: MetricsConfig {
        /// Address that serves `GET /metrics` without authentication; only the collector should reach it.
        listen: Option<ListenAddress> = None, ();
    }

    /// The log of the process.
    telemetry: TelemetryConfig {
        /// Form of the log on standard error.
        format: LogFormat = LogFormat::Text, ();
        /// Which spans and events are logged, in the syntax of `tracing` filters.
        filter: String = "info", ();
    }
}
