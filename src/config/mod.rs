//! Configuration: typed sections, loaded in layers (defaults, TOML file, environment, flags). Each value knows its
//! source, and all errors are reported at once.
//!
//! A key `section.key` is written `key = …` below `[section]` in the file, and `OWNERLINE_SECTION_KEY` in the
//! environment. An unknown key is an error in every layer.

mod error;
mod key;
mod listen;
mod load;
mod names;
mod networks;
mod rules;
mod schemes;
mod sections;
mod setting;
mod show;
mod source;
#[cfg(test)]
mod tests;

pub use error::{ConfigError, ConfigErrors};
pub use listen::{Host, ListenAddress};
pub use networks::Networks;
pub use schemes::Schemes;
pub use sections::{
    Config, KeeperConfig, LimitsConfig, MetricsConfig, ProjectorConfig, ServerConfig, StoreConfig,
    TelemetryConfig,
};
pub use setting::LogFormat;
pub use source::{Source, Sources};
