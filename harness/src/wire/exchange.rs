//! One request and its answer on a connection that stands.

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};

use super::fault::Fault;
use super::framing::Asked;
use super::limits::Limits;
use super::progress::Progress;
use super::pump::Pump;
use super::read::{Answer, read_answer};

/// Writes `out` while it reads one answer.
pub(super) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    io: &mut S,
    buf: &mut BytesMut,
    out: &[u8],
    asked: Asked,
    limits: &Limits,
    progress: &Progress,
) -> Result<Answer, Fault> {
    let mut pump = Pump::new(io, buf, out, progress);
    read_answer(&mut pump, asked, limits).await
}
