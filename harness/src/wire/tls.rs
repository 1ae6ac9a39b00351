//! How TLS is spoken: whom to trust and who we are.

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, ClientConfig, RootCertStore};

use super::verify::AcceptAny;
use crate::message::Stage;

/// Whom to trust and who we are. The default trusts the public web's authorities and shows no certificate.
#[derive(Debug, Default)]
pub struct TlsSettings {
    roots: Vec<CertificateDer<'static>>,
    insecure: bool,
    client: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

/// Why TLS settings are of no use.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The text is not PEM, or holds something else.
    #[error("not a PEM file with {wanted}: {reason}")]
    Pem {
        /// What should be in it.
        wanted: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate or the key cannot be used.
    #[error("unusable certificate or key: {0}")]
    Unusable(#[from] rustls::Error),
}

impl Clone for TlsSettings {
    fn clone(&self) -> Self {
        let client = self.client.as_ref().map(|(chain, key)| (chain.clone(), key.clone_key()));
        Self { roots: self.roots.clone(), insecure: self.insecure, client }
    }
}

impl TlsSettings {
    /// Trusts the authorities in this PEM text too.
    pub fn trust_pem(mut self, pem: &[u8]) -> Result<Self, TlsError> {
        self.roots.extend(certificates(pem)?);
        Ok(self)
    }

    /// Accepts whatever certificate the server shows.
    pub fn insecure(mut self) -> Self {
        self.insecure = true;
        self
    }

    /// Shows this certificate chain when the server asks for one.
    pub fn client_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| TlsError::Pem { wanted: "a private key", reason: error.to_string() })?;
        self.client = Some((certificates(chain)?, key));
        Ok(self)
    }

    /// Makes the configuration that all lanes share.
    pub fn build(self) -> Result<Arc<ClientConfig>, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = if self.insecure {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny::new(provider)))
        } else {
            let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            for certificate in self.roots {
                roots.add(certificate)?;
            }
            builder.with_root_certificates(roots)
        };
        let mut config = match self.client {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// Where TLS ended: the other side's alert tells whether it was about certificates. Older servers without TLS 1.3 have
/// no alert of their own for one that is missing.
pub(super) fn ended_at(error: &io::Error) -> Stage {
    use AlertDescription as Alert;
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::AlertReceived(
            Alert::HandshakeFailure
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::CertificateRequired,
        )) => Stage::Certificate,
        _ => Stage::Handshake,
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wanted = "certificates";
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::Pem { wanted, reason: error.to_string() })?;
    if found.is_empty() {
        return Err(TlsError::Pem { wanted, reason: "there is none".into() });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_tell_whether_it_was_about_certificates() {
        let stage = |alert| {
            let error = rustls::Error::AlertReceived(alert);
            ended_at(&io::Error::new(io::ErrorKind::InvalidData, error))
        };
        assert_eq!(stage(AlertDescription::CertificateRequired), Stage::Certificate);
        assert_eq!(stage(AlertDescription::from(42)), Stage::Certificate);
        assert_eq!(stage(AlertDescription::InternalError), Stage::Handshake);
        assert_eq!(stage(AlertDescription::ProtocolVersion), Stage::Handshake);
        let ours = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert_eq!(ended_at(&io::Error::new(io::ErrorKind::InvalidData, ours)), Stage::Handshake);
        assert_eq!(ended_at(&io::ErrorKind::ConnectionReset.into()), Stage::Handshake);
    }

    #[test]
    fn what_is_not_pem_is_refused() {
        assert!(matches!(TlsSettings::default().trust_pem(b"junk"), Err(TlsError::Pem { .. })));
        assert!(matches!(TlsSettings::default().client_pem(b"junk", b"junk"), Err(TlsError::Pem { .. })));
        assert_eq!(TlsSettings::default().build().unwrap().alpn_protocols, [b"http/1.1"]);
    }
}
