//! The built binary, in a folder of its own and with a limit on its time.

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// No command of these tests takes longer.
const LIMIT: Duration = Duration::from_secs(90);

/// A working directory, gone with the test.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

/// A command under way.
pub(crate) struct Running {
    child: Child,
    events: Receiver<Event>,
    open: usize,
    deadline: Instant,
    ended: Ended,
}

/// A command that came to its end.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// The most memory that it ever held, in KiB, seen at each line of progress.
    pub(crate) peak: u64,
    pub(crate) took: Duration,
}

enum Event {
    Told(Stream, Vec<u8>),
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file; gives its name, which is how the binary is told of it.
    pub(crate) fn write<'n>(&self, name: &'n str, content: impl AsRef<[u8]>) -> &'n str {
        std::fs::write(self.path().join(name), content).expect("written");
        name
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn read_json(&self, name: &str) -> Json {
        serde_json::from_slice(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Every file below a folder, in order.
    pub(crate) fn files(&self, below: &str) -> Vec<PathBuf> {
        let (mut folders, mut files) = (vec![self.path().join(below)], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        files
    }

    /// Starts a command.
    pub(crate) fn start<A: AsRef<str>>(&self, arguments: impl IntoIterator<Item = A>) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proofhouse"));
        command.args(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        command.current_dir(self.path()).env_remove("PROOFHOUSE_CONFIG").env_remove("PROOFHOUSE_TEST_UNSET");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let (tell, events) = channel();
        let (out, err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        listen(Stream::Out, out, tell.clone());
        listen(Stream::Err, err, tell);
        Running { child, events, open: 2, deadline: Instant::now() + LIMIT, ended: Ended::default() }
    }

    /// Runs a command to its end.
    pub(crate) fn run<A: AsRef<str>>(&self, arguments: impl IntoIterator<Item = A>) -> Ended {
        self.start(arguments).end()
    }

    /// Runs a command that is written as one line.
    pub(crate) fn proofhouse(&self, line: &str) -> Ended {
        self.run(line.split_whitespace())
    }
}

fn listen(stream: Stream, from: impl Read + Send + 'static, tell: Sender<Event>) {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        loop {
            let mut line = Vec::new();
            match from.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) if tell.send(Event::Told(stream, line)).is_err() => break,
                Ok(_) => {}
            }
        }
        let _ = tell.send(Event::Closed);
    });
}

impl Running {
    /// Waits for a line of standard error that holds this; gives the line.
    pub(crate) fn wait_for(&mut self, part: &str) -> String {
        self.hear(Stream::Err, part).unwrap_or_else(|| {
            panic!("it ended before it said {part:?}:\n{}", String::from_utf8_lossy(&self.ended.stderr))
        })
    }

    /// Waits for a line of standard output that holds this; gives the line.
    pub(crate) fn wait_for_result(&mut self, part: &str) -> String {
        self.hear(Stream::Out, part).expect("it says so before it ends")
    }

    fn hear(&mut self, stream: Stream, part: &str) -> Option<String> {
        while self.open > 0 {
            let line = self.next();
            if let Some((from, line)) = line
                && from == stream
                && line.contains(part)
            {
                return Some(line);
            }
        }
        None
    }

    fn next(&mut self) -> Option<(Stream, String)> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left) {
            Ok(Event::Told(stream, line)) => {
                self.ended.peak = self.ended.peak.max(self.memory());
                let text = String::from_utf8_lossy(&line).into_owned();
                match stream {
                    Stream::Out => self.ended.stdout.extend(line),
                    Stream::Err => self.ended.stderr.extend(line),
                }
                Some((stream, text))
            }
            Ok(Event::Closed) | Err(RecvTimeoutError::Disconnected) => {
                self.open -= 1;
                None
            }
            Err(RecvTimeoutError::Timeout) => {
                self.kill();
                panic!("it took more than {LIMIT:?}:\n{}", String::from_utf8_lossy(&self.ended.stderr));
            }
        }
    }

    /// The most memory that the process ever held so far, in KiB; 0 where the system does not say.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let began = self.deadline.checked_sub(LIMIT).expect("later than the clock's start");
        while self.open > 0 {
            self.next();
        }
        let mut ended = std::mem::take(&mut self.ended);
        ended.code = self.child.wait().expect("it was started").code();
        ended.took = began.elapsed();
        ended
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing outlives its test; of one that ended already, nobody is there to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// The exit code and what was said, with ports taken out: what snapshots hold.
    pub(crate) fn said(&self) -> String {
        let mut said =
            format!("exit {}\n", self.code.map_or("by a signal".to_owned(), |code| code.to_string()));
        for (name, text) in [("stdout", self.out()), ("stderr", self.err())] {
            if !text.is_empty() {
                said.push_str("--- ");
                said.push_str(name);
                said.push('\n');
                said.push_str(&text);
            }
        }
        without_ports(
            &said.replace(concat!("proofhouse/", env!("CARGO_PKG_VERSION")), "proofhouse/[version]"),
        )
    }

    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Fails with everything that was said when the exit code is none of these.
    #[track_caller]
    pub(crate) fn expect(self, codes: &[i32]) -> Self {
        let fits = self.code.is_some_and(|code| codes.contains(&code));
        assert!(fits, "the exit code is none of {codes:?}: {}", self.said());
        self
    }
}

fn without_ports(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str("127.0.0.1:[port]");
        clean.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    clean
}
