//! Servers that do what a test says, on loopback and a port of the system's choice.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A server; it ends with the test.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    asked: Arc<Count>,
    thread: Option<JoinHandle<()>>,
}

/// How many requests there were, for whoever waits for more of them.
#[derive(Default)]
struct Count {
    number: Mutex<usize>,
    grew: Condvar,
}

/// No test waits longer for requests.
const LIMIT: Duration = Duration::from_secs(90);

/// Whether the connection is kept after an answer.
pub(crate) type Keep = bool;

impl Server {
    /// Each request is handed to the script with the connection to answer on; `false` closes it.
    pub(crate) fn start(
        script: impl Fn(&Asked, &mut TcpStream) -> std::io::Result<Keep> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (stop, accepted) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let asked = Arc::new(Count::default());
        let (ends, counts, script) = (Arc::clone(&stop), Arc::clone(&accepted), Arc::new(script));
        let requests = Arc::clone(&asked);
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                counts.fetch_add(1, Ordering::SeqCst);
                let (script, requests) = (Arc::clone(&script), Arc::clone(&requests));
                // A client that went away is no failure of the test.
                std::thread::spawn(move || {
                    let _ = converse(stream, &requests, &*script);
                });
            }
        });
        Self { address, stop, accepted, asked, thread: Some(thread) }
    }

    /// A server that answers each request with whole bytes.
    pub(crate) fn answering(script: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start(move |asked, stream| stream.write_all(&script(asked)).map(|()| true))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until so many more requests have come.
    pub(crate) fn wait_for_more(&self, more: usize) {
        let number = self.asked.number.lock().expect("whole");
        let wanted = *number + more;
        let waited = self.asked.grew.wait_timeout_while(number, LIMIT, |number| *number < wanted);
        assert!(!waited.expect("whole").1.timed_out(), "{more} more requests never came");
    }

    /// How many connections there were.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn converse(
    mut stream: TcpStream,
    requests: &Count,
    script: &(impl Fn(&Asked, &mut TcpStream) -> std::io::Result<Keep> + ?Sized),
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut from = BufReader::new(stream.try_clone()?);
    while let Some(asked) = read(&mut from)? {
        *requests.number.lock().expect("whole") += 1;
        requests.grew.notify_all();
        if !script(&asked, &mut stream)? {
            break;
        }
    }
    Ok(())
}

fn read(from: &mut BufReader<TcpStream>) -> std::io::Result<Option<Asked>> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if from.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    let mut words = first.split(' ');
    let mut asked = Asked {
        method: words.next().unwrap_or_default().to_owned(),
        target: words.next().unwrap_or_default().to_owned(),
        ..Asked::default()
    };
    for line in lines {
        if let Some((name, value)) = line.split_once(':') {
            asked.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    asked.body = vec![0; length];
    from.read_exact(&mut asked.body)?;
    Ok(Some(asked))
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The path without its query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// An answer with a body.
pub(crate) fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes =
        format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend(body);
    bytes
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> Vec<u8> {
    answer(status, "Content-Type: application/json\r\n", body.to_string())
}

/// A port where nobody listens.
pub(crate) fn closed_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}
