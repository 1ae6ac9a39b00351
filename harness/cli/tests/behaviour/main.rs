//! How the built binary behaves: its exit codes, what it says, what it writes, and what hostile targets cannot do to it.

mod support;

mod bad_cases;
mod bad_input;
mod clean;
mod determinism;
mod engines;
mod first_run;
mod hostile;
mod import;
mod interrupted;
mod output;
mod replay;
mod secrets;
mod selection;
mod surfaces;
mod unproven;
