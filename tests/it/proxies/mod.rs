//! The server behind the proxies of docs/behind-a-proxy.md, with the very files that stand there. A proxy that is not
//! installed is skipped aloud, unless `OWNERLINE_PROXIES=required`.

mod front;
mod soak;
mod through;
