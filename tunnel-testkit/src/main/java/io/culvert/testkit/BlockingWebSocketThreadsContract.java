package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.BlockingWebSocket;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Message;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole contract of {@link BlockingWebSocket} over one dialer, to be extended: {@link
 * BlockingWebSocketContract}, and here what several threads do to each other, what stalls and what
 * is bounded.
 */
public abstract class BlockingWebSocketThreadsContract extends BlockingWebSocketContract {
  private static final int PACKET_BYTES = 64 * 1024;

  /** C2, P3, R3: whatever waits learns of the end at once, and of its code. */
  @Test
  void whatWaitsFailsWhenThePeerCloses() throws Exception {
    assumePing();
    RawPeer peer = connectRaw();
    Background reading = new Background(() -> assertClosed(4001, () -> client.read(SOON)));
    Background pinging =
        new Background(() -> assertClosed(4001, () -> client.ping(bytes(4, 1), SOON)));
    assertEquals(0x89, peer.next().first());
    reading.awaitWaiting();
    peer.send(0x88, RawPeer.closePayload(4001));
    reading.await();
    pinging.await();
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "abort", "dial"})
  void whatWaitsFailsWhenThisSideEnds(String how) throws Exception {
    assumePing();
    RawPeer peer = connectRaw();
    int code = how.equals("close") ? 4000 : how.equals("abort") ? 1006 : 1001;
    Background reading = new Background(() -> assertClosed(code, () -> client.read(SOON)));
    Background pinging =
        new Background(() -> assertClosed(code, () -> client.ping(bytes(4, 1), SOON)));
    assertEquals(0x89, peer.next().first());
    reading.awaitWaiting();
    switch (how) {
      case "close" -> {
        Background closing = new Background(() -> client.close(4000, ""));
        assertEquals(4000, peer.awaitEnd());
        closing.await();
      }
      case "abort" -> client.abort();
      default -> connect();
    }
    reading.await();
    pinging.await();
  }

  /** W3, and a stalled write ends the connection: half a message may be on its way. */
  @Test
  void aWriteThatStallsTimesOutAndAborts() throws Exception {
    Peer peer = connect();
    peer.webSocket().pause();
    Message large = new Message.Binary(ByteBuffer.allocate(MAX_MESSAGE_BYTES));
    assertThrows(
        SocketTimeoutException.class,
        () -> {
          for (int i = 0; i < 64; i++) {
            client.write(large, SHORT);
          }
        });
    assertClosed(1006, () -> client.write(large, SOON));
    assertClosed(1006, () -> client.read(SOON));
  }

  @Test
  void aWriteThatWaitsFailsWhenTheConnectionEnds() throws Exception {
    Peer peer = connect();
    peer.webSocket().pause();
    Background writing =
        new Background(
            () ->
                assertClosed(
                    1006,
                    () -> {
                      while (true) {
                        client.write(new Message.Binary(ByteBuffer.allocate(1 << 20)), SOON);
                      }
                    }));
    writing.awaitWaiting();
    peer.webSocket().abort();
    writing.await();
  }

  @Test
  void anInterruptedReadOrPingLeavesTheConnectionAsItWas() throws Exception {
    assumePing();
    RawPeer peer = connectRaw();
    Background reading = new Background(() -> assertInterrupted(() -> client.read(SOON)));
    reading.awaitWaiting();
    reading.interrupt();
    reading.await();
    Background pinging =
        new Background(() -> assertInterrupted(() -> client.ping(bytes(4, 1), SOON)));
    assertEquals(0x89, peer.next().first());
    pinging.awaitWaiting();
    pinging.interrupt();
    pinging.await();
    peer.send(0x82, (byte) 5);
    assertEquals(new Message.Binary(ByteBuffer.wrap(new byte[] {5})), client.read(SOON));
  }

  @Test
  void anInterruptedWriteAborts() throws Exception {
    Peer peer = connect();
    peer.webSocket().pause();
    Background writing =
        new Background(
            () ->
                assertInterrupted(
                    () -> {
                      while (true) {
                        client.write(new Message.Binary(ByteBuffer.allocate(1 << 20)), SOON);
                      }
                    }));
    writing.awaitWaiting();
    writing.interrupt();
    writing.await();
    assertClosed(1006, () -> client.read(SOON));
  }

  private static void assertInterrupted(Executable call) {
    assertThrows(InterruptedIOException.class, call);
    assertTrue(Thread.interrupted(), "the status stays set");
  }

  /** What nobody reads is bounded: the peer has to wait. */
  @Test
  void whatNobodyReadsMakesThePeerWait() throws Exception {
    client = closeLater(new BlockingWebSocket(dialer(), PACKET_BYTES));
    Peer peer = connect();
    Sends sends = new Sends(peer.webSocket());
    int count = 1_024;
    for (int i = 0; i < count; i++) {
      sends.send(ByteBuffer.allocate(PACKET_BYTES).putInt(0, i));
    }
    sends.awaitStalled();
    assertTrue(sends.pending() > 0, "64 MiB were taken in");
    for (int i = 0; i < count; i++) {
      assertEquals(i, client.read(SOON).bytes().getInt(0));
    }
    sends.awaitAllSucceeded();
  }

  @Test
  void closeGetsThroughThoughMuchWaitsToBeRead() throws Exception {
    client = closeLater(new BlockingWebSocket(dialer(), 1));
    Peer peer = connect();
    for (int i = 0; i < 100; i++) {
      peer.webSocket().send(ByteBuffer.allocate(1_000), failure -> {});
    }
    client.read(SOON);
    client.close(4000, "");
    assertEquals(new Event.Close(4000, ""), peer.heard().next());
  }

  /** With one answer or several; nobody waits for ever. */
  @Test
  void pingsOfManyThreadsAreAllAnswered() throws Exception {
    assumePing();
    connectToEcho();
    List<Background> pinging = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int data = i / 2;
      pinging.add(
          new Background(
              () -> {
                for (int n = 0; n < 100; n++) {
                  client.ping(bytes(data, data), SOON);
                }
              }));
    }
    for (Background ping : pinging) {
      ping.await();
    }
  }

  /** G1. */
  @Test
  void manyThreadsReadWriteAndPingAtOnce() throws Exception {
    connectToEcho();
    int threads = 4;
    int each = 300;
    Set<ByteBuffer> written = ConcurrentHashMap.newKeySet();
    Set<ByteBuffer> read = ConcurrentHashMap.newKeySet();
    List<Background> all = new ArrayList<>();
    boolean pings = !dialer().missing().contains(Feature.PING);
    for (int t = 0; t < threads; t++) {
      int thread = t;
      all.add(
          new Background(
              () -> {
                for (int i = 0; i < each; i++) {
                  ByteBuffer message = bytes(100 + i * 10, thread * each + i);
                  written.add(message);
                  client.write(new Message.Binary(message), SOON);
                  if (pings && i % 50 == 0) {
                    client.ping(bytes(8, thread), SOON);
                  }
                }
              }));
      all.add(
          new Background(
              () -> {
                for (int i = 0; i < each; i++) {
                  read.add(client.read(SOON).bytes());
                }
              }));
    }
    for (Background call : all) {
      call.await();
    }
    assertEquals(threads * each, read.size());
    assertEquals(written, read);
  }

  /** However dials, closes and aborts meet, the next dial works, and its connection is the only. */
  @Test
  void dialsClosesAndAbortsMayMeet() throws Exception {
    for (int round = 0; round < 20; round++) {
      List<Background> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        all.add(new Background(this::connectToEcho));
      }
      all.add(new Background(client::close));
      all.add(new Background(client::abort));
      for (Background call : all) {
        call.await();
      }
      connectToEcho();
      client.write(new Message.Text("x"), SOON);
      assertEquals(new Message.Text("x"), client.read(SOON));
      Await.until("only the latest is open", () -> openEchoes.get() == 1);
    }
  }
}
