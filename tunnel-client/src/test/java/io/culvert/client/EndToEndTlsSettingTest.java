package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.servlet.ServletHost;
import io.culvert.testkit.Await;
import io.culvert.testkit.TestCertificates;
import io.culvert.websocket.TlsMaterial;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.Handshake;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the setting of the server and of the client does to {@code https} calls. */
@Timeout(60)
class EndToEndTlsSettingTest {
  @TempDir Path directory;

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  @Test
  void eachSideEncryptsItsOwnCallsOnlyIfToldTo() throws Exception {
    TestCertificates own = TestCertificates.forLoopback(directory);
    X509Certificate certificate = read(own.certificate());
    for (boolean byDialer : new boolean[] {true, false}) {
      try (ServletHost encrypting = host(own);
          TunnelServer server = Setup.server().endToEndTls(!byDialer).build().start();
          SocketConnection dialed = Setup.client(server).endToEndTls(byDialer).build().connect()) {
        Await.until("the server has it", () -> server.connection(dialed.id()).isPresent());
        SocketConnection accepted = server.connection(dialed.id()).orElseThrow();
        SocketConnection told = byDialer ? dialed : accepted;
        SocketConnection other = byDialer ? accepted : dialed;
        other.streams().streamHandler(encrypting.streams());
        told.serve(TestServlet.saying("clear"));
        assertEquals(certificate, peer(told, certificate).peerCertificates().get(0));
        assertNotEquals(certificate, peer(other, certificate).peerCertificates().get(0));
      }
    }
  }

  private static ServletHost host(TestCertificates own) throws Exception {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setSslContext(TlsMaterial.serverFromPem(own.certificate(), own.privateKey()));
    return ServletHost.builder(TestServlet.saying("encrypted")).tls(tls).build().start();
  }

  private static Handshake peer(SocketConnection connection, X509Certificate trusted)
      throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("trusted", trusted);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    X509TrustManager trust = (X509TrustManager) factory.getTrustManagers()[0];
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new X509TrustManager[] {trust}, null);
    OkHttpClient http =
        Setup.http(connection)
            .newBuilder()
            .sslSocketFactory(context.getSocketFactory(), trust)
            .build();
    Request request = new Request.Builder().url("https://localhost/").build();
    try (Response response = http.newCall(request).execute()) {
      return response.handshake();
    }
  }

  private static X509Certificate read(Path pem) throws Exception {
    try (InputStream in = Files.newInputStream(pem)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
