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
        // `tools/instrument` says so, and has the linker put these before libFuzzer's own.
        #[allow(unexpected_cfgs, reason = "cargo does not know it, and nobody has to tell it")]
        const _: () = {
            #[cfg(proofhouse_comparisons)]
            $crate::fuzz_comparisons!(
            (__wrap___sanitizer_cov_trace_cmp2, __real___sanitizer_cov_trace_cmp2, u16, 2),
            (__wrap___sanitizer_cov_trace_cmp4, __real___sanitizer_cov_trace_cmp4, u32, 4),
            (__wrap___sanitizer_cov_trace_cmp8, __real___sanitizer_cov_trace_cmp8, u64, 8),
            (__wrap___sanitizer_cov_trace_const_cmp2, __real___sanitizer_cov_trace_const_cmp2, u16, 2),
            (__wrap___sanitizer_cov_trace_const_cmp4, __real___sanitizer_cov_trace_const_cmp4, u32, 4),
            (__wrap___sanitizer_cov_trace_const_cmp8, __real___sanitizer_cov_trace_const_cmp8, u64, 8)
            );
        };
        ::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::engine::fuzz::mutate(data, size, max_size, seed, &mut ::libfuzzer_sys::fuzzer_mutate)
        });
        ::libfuzzer_sys::fuzz_crossover!(|first: &[u8], second: &[u8], out: &mut [u8], seed: u32| {
            $crate::engine::fuzz::cross(first, second, out, seed)
        });
    };
}

/// Takes note of comparisons before libFuzzer does. For [`fuzz_service!`](crate::fuzz_service) alone.
#[doc(hidden)]
#[macro_export]
macro_rules! fuzz_comparisons {
    (bytes $(($wrap:ident, $real:ident)),+) => {
        $(
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $wrap(one: *const u8, other: *const u8, length: usize) -> i32 {
                unsafe extern "C" {
                    fn $real(one: *const u8, other: *const u8, length: usize) -> i32;
                }
                unsafe {
                    $crate::engine::fuzz::compared_bytes(one, other, length);
                    $real(one, other, length)
                }
            }
        )+
    };
    ($(($wrap:ident, $real:ident, $type:ty, $width:literal)),+) => {
        const _: () = {
            // Each ends with libFuzzer's own, by a jump where the compiler optimises: it goes by where it was called from.
            $(
                #[unsafe(no_mangle)]
                extern "C" fn $wrap(one: $type, other: $type) {
                    unsafe extern "C" {
                        safe fn $real(one: $type, other: $type);
                    }
                    $crate::engine::fuzz::compared($width, one.into(), other.into());
                    $real(one, other)
                }
            )+

            #[unsafe(no_mangle)]
            unsafe extern "C" fn __wrap___sanitizer_cov_trace_switch(value: u64, cases: *const u64) {
                unsafe extern "C" {
                    fn __real___sanitizer_cov_trace_switch(value: u64, cases: *const u64);
                }
                unsafe {
                    $crate::engine::fuzz::switched(value, cases);
                    __real___sanitizer_cov_trace_switch(value, cases)
                }
            }

            $crate::fuzz_comparisons!(bytes (__wrap_memcmp, __real_memcmp), (__wrap_bcmp, __real_bcmp));
        };
    };
}
