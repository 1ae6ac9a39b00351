//! The range on a socket.

use std::io;
use std::net::SocketAddr;
use std::thread::JoinHandle;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::config::Config;

/// Serves a fresh range on this listener, until the future is dropped.
pub async fn serve(listener: TcpListener, config: &Config) -> io::Result<()> {
    let listener = listener.tap_io(|stream| {
        // Answers are small; waiting to fill a packet only delays them. A socket that refuses is merely slower.
        stream.set_nodelay(true).ok();
    });
    axum::serve(listener, crate::app(config)).await
}

/// A range that listens on loopback, in a thread of its own. It stops when this is dropped.
#[derive(Debug)]
pub struct Range {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Range {
    /// Starts a fresh range on a free port of 127.0.0.1.
    pub fn start(config: &Config) -> io::Result<Self> {
        Self::start_at(config, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts a fresh range on this address. It accepts connections when this returns.
    pub fn start_at(config: &Config, address: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let config = config.clone();
        let run = move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                tokio::select! {
                    _ = serve(listener, &config) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("range".to_owned()).spawn(run)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Range {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been printed; there is nobody left to tell.
            thread.join().ok();
        }
    }
}
