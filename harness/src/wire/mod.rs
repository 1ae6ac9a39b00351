//! The HTTP/1.1 client: exact bytes out, bounded and judged bytes in.
//!
//! A lane owns one [`Client`] for each origin. Nothing here needs `Send`, and no lock is taken: the runtime is
//! meant to be current-thread. Every wait is on tokio's clock.

mod chunked;
mod client;
mod connect;
mod connection;
mod decode;
mod exchange;
mod fault;
mod framing;
mod head;
mod limits;
mod options;
mod pool;
mod progress;
mod proxy;
mod pump;
mod read;
#[cfg(any(test, feature = "libfuzzer"))]
mod script;
mod stream;
#[cfg(test)]
mod testing;
mod tls;
mod verify;

pub use client::Client;
pub use connect::Connector;
pub use limits::Limits;
pub use options::SendOptions;
pub use proxy::Proxy;
#[cfg(feature = "libfuzzer")]
pub use script::answer_of;
pub use tls::{TlsError, TlsSettings};
