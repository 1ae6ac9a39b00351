//! Every oracle against thousands of synthetic services, sound and defective, through the real path: the check
//! plans on a world, `execute` sends to a small model of a service on a clock that passes without waiting, and the
//! judge says what the trace proves. What is noise on real networks and in real answers is drawn anew for each trace.
#![allow(clippy::print_stdout, missing_docs)]

mod bodies;
#[path = "../common/proof.rs"]
mod common;
mod credentials;
mod databases;
mod fields;
mod keeper;
mod lab;
mod limits;
mod noise;
mod notes;
mod passive;
mod roles;
mod shapes;
mod sizes;
mod sqli;
mod stacks;
mod tokens;
mod traced;
mod types;
