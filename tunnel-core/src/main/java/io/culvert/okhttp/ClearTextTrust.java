package io.culvert.okhttp;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.X509TrustManager;

/**
 * The certificate that stands in where there is none, and what trusts it. OkHttp's cache writes the
 * certificates of an {@code https} response and cannot read an entry without one. It identifies
 * nobody: its private key was never kept. None of this is ever given to a real TLS socket.
 */
final class ClearTextTrust implements X509TrustManager {
  static final ClearTextTrust INSTANCE = new ClearTextTrust();

  static final X509Certificate CERTIFICATE = certificate();

  /** Trusts that very session; the one of a real handshake has another cipher suite. */
  static final HostnameVerifier ANY_HOST =
      (host, session) -> ClearSslSession.CIPHER_SUITE.equals(session.getCipherSuite());

  private ClearTextTrust() {}

  private static X509Certificate certificate() {
    String pem =
        """
        -----BEGIN CERTIFICATE-----
        MIIBeDCCAR+gAwIBAgIINJhXUqKVFKswCgYIKoZIzj0EAwIwMDEuMCwGA1UEAxMl
        bm90IFRMUzogY2xlYXIgdGV4dCBpbnNpZGUgdGhlIHR1bm5lbDAgFw0yNjExMjAx
        MTE2NDhaGA8zMDEyMDcxNDExMTY0OFowMDEuMCwGA1UEAxMlbm90IFRMUzogY2xl
        YXIgdGV4dCBpbnNpZGUgdGhlIHR1bm5lbDBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABBW8IyPor8L1RXQHZFMMJDCQSHnxtUYhzEo6yMVStT3+GV/97+VbiQuwTFkG
        0edLilu1u3W82pwK8QXDnRVz8z2jITAfMB0GA1UdDgQWBBTZMcLIF9y05FZ/accF
        8oCYFmnbCjAKBggqhkjOPQQDAgNHADBEAiB6kip8bJ7apndeIRiz6bZAHNS5sYEg
        6MtT34DW/mTAPAIgSezb4p0SMiSPbzb8F6u1BNzSTD8tp4HOPPD7rDfheH8=
        -----END CERTIFICATE-----
        """;
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pem.strip().getBytes(StandardCharsets.US_ASCII)));
    } catch (CertificateException e) {
      throw new IllegalStateException("the constant above is a certificate", e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("trusts nobody");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("trusts nobody");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[] {CERTIFICATE};
  }
}
