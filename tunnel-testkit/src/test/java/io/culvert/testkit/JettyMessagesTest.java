package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.TlsMaterial;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.jetty.JettyAcceptor;
import io.culvert.websocket.jetty.JettyDialer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pausing, text with any bytes, and failing code of the application, with Jetty at both ends. */
class JettyMessagesTest extends WebSocketFixture {
  @TempDir Path directory;

  @Override
  protected WebSocketDialer dialer() {
    return new JettyDialer();
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return new JettyAcceptor(
        new ListenRequest(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            limits,
            tls,
            "culvert-test"));
  }

  private RecordingListener listenerOf(Ends ends, WebSocket end) {
    return end == ends.dialer() ? dialed : accepted;
  }

  private static WebSocket other(Ends ends, WebSocket end) {
    return end == ends.dialer() ? ends.acceptor() : ends.dialer();
  }

  @Test
  void textGoesAndComesAsItsBytes() throws IOException {
    Ends ends = connect();
    ByteBuffer noUtf8 = ByteBuffer.wrap(new byte[] {(byte) 0xff, 0, (byte) 0xc0, 'x', (byte) 0x80});
    for (WebSocket from : List.of(ends.dialer(), ends.acceptor())) {
      RecordingListener to = listenerOf(ends, other(ends, from));
      Sends sends = new Sends(from);
      sends.send(bytes(3, 1));
      from.sendText(noUtf8.duplicate(), failure -> {});
      from.sendText(ByteBuffer.allocate(0), failure -> {});
      sends.send(bytes(4, 2));
      assertEquals(bytes(3, 1), to.next(Event.Binary.class).message());
      assertEquals(noUtf8, to.next(Event.Text.class).message());
      assertEquals(0, to.next(Event.Text.class).message().remaining());
      assertEquals(bytes(4, 2), to.next(Event.Binary.class).message());
      sends.awaitAllSucceeded();
    }
  }

  @Test
  void aPausedEndGetsNothingAndItsPeerStalls() throws IOException {
    Ends ends = connect();
    for (WebSocket paused : List.of(ends.dialer(), ends.acceptor())) {
      RecordingListener listener = listenerOf(ends, paused);
      Sends sends = new Sends(other(ends, paused));
      paused.pause();
      paused.pause();
      int count = 400;
      for (int i = 0; i < count; i++) {
        // The first comes in one piece, at once.
        sends.send(ByteBuffer.allocate(i == 0 ? 4 : 64 * 1024).putInt(0, i));
      }
      assertRoundTrips(); // time in which messages would arrive
      assertTrue(sends.pending() > 0, "25 MiB must be more than any socket buffer");
      listener.assertNothingMore();
      paused.resume();
      paused.resume();
      for (int i = 0; i < count; i++) {
        assertEquals(i, listener.next(Event.Binary.class).message().getInt(0));
      }
      sends.awaitAllSucceeded();
    }
  }

  private void assertRoundTrips() throws IOException {
    RecordingListener there = new RecordingListener();
    RecordingListener here = new RecordingListener();
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, there));
    WebSocket up = dialer().dial(request(acceptor.address()), here);
    here.opened();
    WebSocket down = there.opened();
    for (int i = 0; i < 200; i++) {
      up.send(bytes(50_000, i), failure -> {});
      down.send(there.next(Event.Binary.class).message(), failure -> {});
      assertEquals(bytes(50_000, i), here.next(Event.Binary.class).message());
    }
    up.abort();
  }

  @Test
  void pauseInsideACallbackHoldsFromTheNextMessageOn() throws IOException {
    CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    RecordingListener oneAtATime =
        new RecordingListener() {
          @Override
          public void onOpen(WebSocket webSocket) {
            super.onOpen(webSocket);
            opened.complete(webSocket);
          }

          @Override
          public void onBinary(ByteBuffer message) {
            opened.join().pause();
            super.onBinary(message);
          }
        };
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, oneAtATime));
    WebSocket end = dial(acceptor.address());
    oneAtATime.opened();
    for (int i = 0; i < 50; i++) {
      end.send(ByteBuffer.allocate(1).put(0, (byte) i), failure -> {});
    }
    for (int i = 0; i < 50; i++) {
      assertEquals(i, oneAtATime.next(Event.Binary.class).message().get(0));
      oneAtATime.assertNothingMore();
      opened.join().resume();
    }
  }

  @Test
  void abortEndsAPausedEnd() throws IOException {
    Ends ends = connect();
    ends.acceptor().pause();
    ends.dialer().send(bytes(1, 1), failure -> {});
    ends.acceptor().abort();
    assertEquals(1006, accepted.next(Event.Close.class).code());
    assertEquals(1006, dialed.next(Event.Close.class).code());
  }

  @Test
  void abortEndsAStuckTlsSocketAtOnce() throws IOException {
    TestCertificates certificates = TestCertificates.make(directory, "EC", "dns:localhost");
    WebSocketAcceptor acceptor =
        start(
            upgrade -> accept(),
            TlsMaterial.serverFromPem(certificates.certificate(), certificates.privateKey()));
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    DialRequest request =
        new DialRequest(
            URI.create("wss://localhost:" + network.address().getPort()),
            Map.of(),
            SUBPROTOCOL,
            DIAL_TIMEOUT,
            TlsMaterial.clientTrusting(certificates.certificate()),
            Proxy.NO_PROXY,
            null,
            MAX_MESSAGE_BYTES);
    WebSocket dialerEnd = dialer().dial(request, dialed);
    dialed.opened();
    WebSocket acceptorEnd = accepted.opened();
    network.inject(FaultProxy.Fault.STOP_READING);
    for (WebSocket end : List.of(dialerEnd, acceptorEnd)) {
      Sends sends = new Sends(end);
      for (int i = 0; i < 400; i++) {
        sends.send(ByteBuffer.allocate(64 * 1024));
      }
      assertTrue(sends.pending() > 0, "25 MiB must be more than any socket buffer");
      end.abort();
      sends.awaitCompleted();
    }
    assertEquals(1006, dialed.next(Event.Close.class).code());
    assertEquals(1006, accepted.next(Event.Close.class).code());
  }

  @Test
  void anAcceptorThatClosesForAFaultReadsWhatIsOnItsWay() throws IOException {
    Ends ends = connect();
    assertClosesInOrder(ends.dialer(), dialed, accepted);
  }

  @Test
  void aDialerThatClosesForAFaultReadsWhatIsOnItsWay() throws IOException {
    Ends ends = connect();
    assertClosesInOrder(ends.acceptor(), accepted, dialed);
  }

  /** Dropping the socket with bytes unread would be a reset, and fail what the sender writes. */
  private static void assertClosesInOrder(
      WebSocket sender, RecordingListener atSender, RecordingListener atReceiver) {
    sender.pause(); // so that it sends on
    Sends sends = new Sends(sender);
    sends.send(ByteBuffer.allocate(MAX_MESSAGE_BYTES + 1));
    for (int i = 0; i < 200; i++) {
      sends.send(ByteBuffer.allocate(64 * 1024));
    }
    assertEquals(1009, atReceiver.next(Event.Close.class).code());
    sends.awaitAllSucceeded();
    sender.resume();
    assertEquals(1009, atSender.next(Event.Close.class).code());
  }

  @Test
  void aListenerThatFailsWhileItPausesIsClosedInOrder() throws IOException {
    CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    RecordingListener failing =
        new RecordingListener() {
          @Override
          public void onOpen(WebSocket webSocket) {
            super.onOpen(webSocket);
            webSocket.pause();
            opened.complete(webSocket);
          }

          @Override
          public void onBinary(ByteBuffer message) {
            opened.join().pause();
            throw new AssertionError("thrown by the test");
          }
        };
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, failing));
    Sends sends = new Sends(dial(acceptor.address()));
    for (int i = 0; i < 400; i++) {
      sends.send(ByteBuffer.allocate(64 * 1024));
    }
    opened.join().resume();
    dialed.opened();
    assertEquals(1011, dialed.next(Event.Close.class).code());
    sends.awaitAllSucceeded(); // what came before the peer's close frame was read to the end
    failing.opened();
    assertEquals(1011, failing.next(Event.Close.class).code());
  }

  @Test
  void aCompletionThatFailsDoesNotKeepOthersFromRunning() throws Exception {
    WebSocket end = connect().dialer();
    end.send(
        bytes(1, 1),
        failure -> {
          throw new AssertionError("thrown by the test");
        });
    CountDownLatch written = new CountDownLatch(1);
    end.send(bytes(1, 2), failure -> written.countDown());
    assertTrue(written.await(DIAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS));
  }
}
