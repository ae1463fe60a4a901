package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.okhttp.TunnelInterceptor;
import io.culvert.servlet.ServletHost;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.CertificatePinner;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TLS inside the stream with the client's own settings, and what replaces it by default. */
@Timeout(60)
class EndToEndTlsTest {
  private static final Request REQUEST = new Request.Builder().url("https://service.test/").build();
  private static final String PIN = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

  private final MemoryConnections pair = MemoryConnections.pair();
  private final HeldCertificate held =
      new HeldCertificate.Builder()
          .commonName("service")
          .addSubjectAlternativeName("service.test")
          .build();
  private ServletHost host;

  @BeforeEach
  void serve() {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setSslContext(
        new HandshakeCertificates.Builder().heldCertificate(held).build().sslContext());
    host = ServletHost.builder(new SchemeServlet()).tls(tls).build().start();
    pair.acceptor().streamHandler(host.streams());
  }

  @AfterEach
  void close() {
    host.close();
    pair.close();
  }

  private OkHttpClient client(boolean endToEnd, CertificatePinner pinner, boolean trusting) {
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .addInterceptor(new TunnelInterceptor(pair.dialer(), endToEnd))
            .certificatePinner(pinner);
    if (trusting) {
      HandshakeCertificates trust =
          new HandshakeCertificates.Builder().addTrustedCertificate(held.certificate()).build();
      builder.sslSocketFactory(trust.sslSocketFactory(), trust.trustManager());
    }
    return builder.build();
  }

  @Test
  void theClientsOwnTlsReachesTheServlet() throws Exception {
    try (Response response =
        client(true, CertificatePinner.DEFAULT, true).newCall(REQUEST).execute()) {
      assertEquals("https true true", response.body().string());
      assertEquals(
          held.certificate(), response.handshake().peerCertificates().get(0), "not end to end");
    }
  }

  @Test
  void anUntrustedCertificateAndAWrongPinFailEndToEnd() {
    assertThrows(
        SSLException.class,
        () -> client(true, CertificatePinner.DEFAULT, false).newCall(REQUEST).execute());
    CertificatePinner pinner = new CertificatePinner.Builder().add("service.test", PIN).build();
    assertThrows(
        SSLPeerUnverifiedException.class,
        () -> client(true, pinner, true).newCall(REQUEST).execute());
  }

  @Test
  void withoutItThePinsDoNotApplyAndTheHandshakeSaysWhatItIs() throws Exception {
    CertificatePinner pinner = new CertificatePinner.Builder().add("service.test", PIN).build();
    try (Response response = client(false, pinner, false).newCall(REQUEST).execute()) {
      assertEquals("https true true", response.body().string());
      assertEquals(
          "CN=not TLS: clear text inside the tunnel",
          response.handshake().peerPrincipal().getName());
      assertEquals(
          "CULVERT_CLEAR_TEXT_INSIDE_THE_TUNNEL", response.handshake().cipherSuite().javaName());
    }
  }

  private static final class SchemeServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response
          .getWriter()
          .print(
              request.getScheme()
                  + " "
                  + request.isSecure()
                  + " "
                  + request.getAttribute("io.culvert.viaTunnel"));
    }
  }
}
