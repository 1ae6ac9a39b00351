//! The command line of proofhouse.
fn main() {}
