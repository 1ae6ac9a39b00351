//! Fuzzing and property testing of the security of HTTP APIs.
