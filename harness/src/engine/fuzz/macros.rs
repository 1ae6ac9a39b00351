//! The macro that makes a fuzz target.

/// Makes a fuzz target of a service. The crate needs `#![no_main]` and a dependency on `libfuzzer-sys`.
///
/// ```ignore
/// #![no_main]
///
/// proofhouse::fuzz_service!(|| {
///     proofhouse::prove_with(|| async { my_app::router().await })
///         .openapi(include_str!("../../openapi.yaml"))
///         .identity(Identity::bearer("alice", "token-of-alice").role("customer"))
/// });
/// ```
///
/// It takes what every test of the service takes: [`prove_with`](crate::prove_with), [`prove`](crate::prove), or
/// `prove_url` for an API that runs elsewhere on this machine, which is then guided by its answers alone.
#[macro_export]
macro_rules! fuzz_service {
    ($setup:expr) => {
        ::libfuzzer_sys::fuzz_target!(
            init: $crate::engine::fuzz::start(
                $setup,
                $crate::engine::fuzz::Home::new(env!("CARGO_MANIFEST_DIR"), env!("CARGO_CRATE_NAME"))
            ),
            |data: &[u8]| -> ::libfuzzer_sys::Corpus {
                if $crate::engine::fuzz::run(data) {
                    ::libfuzzer_sys::Corpus::Keep
                } else {
                    ::libfuzzer_sys::Corpus::Reject
                }
            }
        );
        ::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::engine::fuzz::mutate(data, size, max_size, seed, &mut ::libfuzzer_sys::fuzzer_mutate)
        });
        ::libfuzzer_sys::fuzz_crossover!(|first: &[u8], second: &[u8], out: &mut [u8], seed: u32| {
            $crate::engine::fuzz::cross(first, second, out, seed)
        });
    };
}
