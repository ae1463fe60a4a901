package io.culvert.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.testkit.Await;
import io.culvert.testkit.TestCertificates;
import io.culvert.websocket.TlsMaterial;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Promise;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class UpstreamConnectorTest {
  @TempDir Path directory;

  @AfterEach
  void noThreadIsLeft() {
    Await.noThreads("culvert-agent");
  }

  private static boolean connects(Upstream upstream) throws Exception {
    return connects(new UpstreamConnector(upstream));
  }

  private static boolean connects(UpstreamConnector connector) throws Exception {
    CompletableFuture<EndPoint> connected = new CompletableFuture<>();
    try {
      connector.connect(Promise.from(connected::complete, connected::completeExceptionally));
      return connected.get().isOpen();
    } finally {
      connector.close();
    }
  }

  private static ErrorCode failure(Upstream upstream) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> connects(upstream));
    return assertInstanceOf(UpstreamException.class, e.getCause()).code();
  }

  private RawUpstream tls(TestCertificates certificates) throws Exception {
    ServerSocket server =
        TlsMaterial.serverFromPem(certificates.certificate(), certificates.privateKey())
            .getServerSocketFactory()
            .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    return new RawUpstream(
        server,
        socket -> {
          ((SSLSocket) socket).startHandshake();
          RawUpstream.echo(socket);
        });
  }

  private static Upstream localhost(RawUpstream server) {
    return Upstream.parse(server.url().replace("http://127.0.0.1", "https://localhost"));
  }

  @Test
  void aCertificateOfATrustedAuthorityForThatHostIsTaken() throws Exception {
    TestCertificates certificates = TestCertificates.forLoopback(directory);
    try (RawUpstream server = tls(certificates)) {
      assertTrue(connects(localhost(server).trust(certificates.certificate())));
    }
  }

  @Test
  void aCertificateOfAnUnknownAuthorityIsNot() throws Exception {
    try (RawUpstream server = tls(TestCertificates.forLoopback(directory))) {
      assertEquals(ErrorCode.UPSTREAM_UNTRUSTED, failure(localhost(server)));
    }
  }

  @Test
  void aCertificateForAnotherHostIsNot() throws Exception {
    TestCertificates certificates =
        TestCertificates.make(directory, "EC", "dns:other.example,ip:127.0.0.2");
    try (RawUpstream server = tls(certificates)) {
      Upstream trusting = localhost(server).trust(certificates.certificate());
      assertEquals(ErrorCode.UPSTREAM_UNTRUSTED, failure(trusting));
    }
  }

  @Test
  void whoeverAsksForItGetsNoCheck() throws Exception {
    TestCertificates certificates = TestCertificates.make(directory, "EC", "dns:other.example");
    try (RawUpstream server = tls(certificates)) {
      assertTrue(connects(localhost(server).insecure()));
    }
  }

  @Test
  void eachAddressOfAHostIsTried() throws Exception {
    try (RawUpstream server = new RawUpstream(RawUpstream::echo)) {
      Upstream upstream = Upstream.parse(server.url().replace("127.0.0.1", "two.example"));
      InetAddress[] two = {
        InetAddress.getByAddress(new byte[] {127, 0, 0, 2}),
        InetAddress.getByAddress(new byte[] {127, 0, 0, 1})
      };
      assertTrue(connects(new UpstreamConnector(upstream, host -> two)));
    }
  }

  @Test
  void aConnectThatIsNotAnsweredTakesTooLong() throws Exception {
    // Linux takes one connection more than the backlog says, and answers no further ones.
    try (ServerSocketChannel full = ServerSocketChannel.open();
        java.nio.channels.SocketChannel first = java.nio.channels.SocketChannel.open();
        java.nio.channels.SocketChannel second = java.nio.channels.SocketChannel.open()) {
      full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      first.connect(full.getLocalAddress());
      second.connect(full.getLocalAddress());
      int port = ((InetSocketAddress) full.getLocalAddress()).getPort();
      Upstream upstream =
          Upstream.parse("http://127.0.0.1:" + port).connectTimeout(Duration.ofMillis(300));
      assertEquals(ErrorCode.UPSTREAM_TIMEOUT, failure(upstream));
    }
  }
}
