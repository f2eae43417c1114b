//! What a server is told: choices out of flags and a file, and the settings that come of them.

mod checked;
mod choices;
mod host;

pub use checked::Settings;
pub use choices::Choices;
pub(crate) use host::split_host;
