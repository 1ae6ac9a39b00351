//! Loads a document of 10 MB, or the file that is named, once, and prints the time and the most memory that it took.

#![allow(clippy::print_stdout, reason = "an example's output")]

use std::time::Instant;

use proofhouse::surface::Surface;
use proofhouse_bench::large;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = match std::env::args().nth(1) {
        Some(file) => std::fs::read_to_string(file)?,
        None => large::document(10 << 20),
    };
    let before = peak();
    let start = Instant::now();
    let surface = Surface::from_text(&text, "large")?;
    println!(
        "{} bytes: {} operations, {} skipped, in {} ms; at most {} MiB, {} MiB of them before",
        text.len(),
        surface.operations.len(),
        surface.broken.len(),
        start.elapsed().as_millis(),
        peak(),
        before,
    );
    for broken in surface.broken.iter().take(5) {
        println!("  skipped {}: {}", broken.pointer, broken.reason);
    }
    Ok(())
}

/// The most memory that this process ever held, in MiB; 0 where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or_default() >> 10
}
