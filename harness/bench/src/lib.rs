//! What benchmarks share. They are a package of their own, so that whoever runs the tests does not build them.

pub mod large;
