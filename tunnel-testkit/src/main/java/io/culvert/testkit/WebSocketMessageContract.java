package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The part of {@link WebSocketContract} about binary messages, their limits and completions (G1,
 * R1, W1, W3).
 */
public abstract class WebSocketMessageContract extends WebSocketFixture {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 129, 134, 65_535, 65_536, 65_550, MAX_MESSAGE_BYTES})
  void messagesOfEverySizeArriveWholeBothWays(int length) throws IOException {
    Ends ends = connect();
    Sends up = new Sends(ends.dialer());
    Sends down = new Sends(ends.acceptor());
    up.send(bytes(length, 1));
    down.send(bytes(length, 2));
    assertEquals(bytes(length, 1), accepted.next(Event.Binary.class).message());
    assertEquals(bytes(length, 2), dialed.next(Event.Binary.class).message());
    up.awaitAllSucceeded();
    down.awaitAllSucceeded();
  }

  @Test
  void onlyTheRemainingBytesAreSentAndTheBufferIsLeftAlone() throws IOException {
    Ends ends = connect();
    for (WebSocket from : List.of(ends.dialer(), ends.acceptor())) {
      ByteBuffer message = bytes(100, 3).position(10).limit(90).slice().position(5);
      ByteBuffer before = ByteBuffer.allocate(75).put(message.duplicate()).flip();
      RecordingListener at = from == ends.dialer() ? accepted : dialed;
      for (ByteBuffer sent : List.of(message.asReadOnlyBuffer(), message.duplicate())) {
        Sends sends = new Sends(from);
        sends.send(sent);
        assertEquals(before, at.next(Event.Binary.class).message());
        sends.awaitAllSucceeded();
        assertEquals(before, message);
      }
    }
  }

  @Test
  void messagesAndCompletionsKeepTheirOrder() throws IOException {
    Ends ends = connect();
    Sends up = new Sends(ends.dialer());
    Sends down = new Sends(ends.acceptor());
    int count = 2_000;
    for (int i = 0; i < count; i++) {
      up.send(ByteBuffer.allocate(4 + i % 300).putInt(0, i));
      down.send(ByteBuffer.allocate(4 + i % 300).putInt(0, i));
    }
    for (int i = 0; i < count; i++) {
      assertEquals(i, accepted.next(Event.Binary.class).message().getInt(0));
      assertEquals(i, dialed.next(Event.Binary.class).message().getInt(0));
    }
    up.awaitAllSucceeded();
    down.awaitAllSucceeded();
  }

  @Test
  void aReceivedBufferIsTheListenersForEver() throws IOException {
    Ends ends = connect();
    Sends sends = new Sends(ends.acceptor());
    List<ByteBuffer> received = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      sends.send(bytes(1_000, i));
    }
    for (int i = 0; i < 50; i++) {
      received.add(dialed.next(Event.Binary.class).message());
    }
    for (int i = 0; i < 50; i++) {
      assertEquals(bytes(1_000, i), received.get(i));
    }
  }

  @Test
  void aCompletionMaySendAgainWithoutGrowingTheStack() throws Exception {
    Ends ends = connect();
    int count = 20_000;
    CountDownLatch written = new CountDownLatch(count);
    AtomicInteger sent = new AtomicInteger();
    WebSocket.Completion[] again = new WebSocket.Completion[1];
    AtomicReference<Throwable> failure = new AtomicReference<>();
    again[0] =
        reason -> {
          if (reason != null) {
            failure.set(reason);
          }
          written.countDown();
          if (sent.incrementAndGet() < count) {
            ends.dialer().send(ByteBuffer.allocate(1), again[0]);
          }
        };
    ends.dialer().send(ByteBuffer.allocate(1), again[0]);
    assertTrue(written.await(DIAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS));
    assertEquals(null, failure.get());
    for (int i = 0; i < count; i++) {
      accepted.next(Event.Binary.class);
    }
  }

  @Test
  void concurrentSendersLoseNothingAndNothingStalls() throws Exception {
    Ends ends = connect();
    int senders = 8;
    int each = 500;
    CyclicBarrier together = new CyclicBarrier(senders);
    AtomicInteger failures = new AtomicInteger();
    CountDownLatch completions = new CountDownLatch(senders * each);
    List<Thread> threads = new ArrayList<>();
    for (int s = 0; s < senders; s++) {
      int sender = s;
      WebSocket from = sender % 2 == 0 ? ends.dialer() : ends.acceptor();
      threads.add(
          new Thread(
              () -> {
                try {
                  together.await();
                } catch (Exception e) {
                  failures.incrementAndGet();
                }
                for (int i = 0; i < each; i++) {
                  ByteBuffer message = ByteBuffer.allocate(8 + i * 7 % 5_000);
                  from.send(
                      message.putInt(0, sender).putInt(4, i),
                      failure -> {
                        failures.addAndGet(failure == null ? 0 : 1);
                        completions.countDown();
                      });
                }
              },
              "contract-sender-" + s));
    }
    threads.forEach(Thread::start);
    int[] next = new int[senders];
    for (RecordingListener at : List.of(accepted, dialed)) {
      for (int i = 0; i < senders / 2 * each; i++) {
        ByteBuffer message = at.next(Event.Binary.class).message();
        int sender = message.getInt(0);
        assertEquals(next[sender]++, message.getInt(4), "order of sender " + sender);
      }
    }
    assertTrue(completions.await(DIAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS));
    assertEquals(0, failures.get());
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void aMillionBytesArriveWholeBothWays() throws IOException {
    Ends ends = connectWithLimit(1 << 20);
    for (End from : End.values()) {
      Sends sends = new Sends(ends.of(from));
      sends.send(bytes(1_000_000, 11));
      assertEquals(bytes(1_000_000, 11), heardBy(from.peer()).next(Event.Binary.class).message());
      sends.awaitAllSucceeded();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aMessageBeyondTheLimitClosesWith1009(End from) throws IOException {
    Ends ends = connect();
    new Sends(ends.of(from)).send(bytes(MAX_MESSAGE_BYTES + 1, 8));
    assertEquals(1009, heardBy(from.peer()).next(Event.Close.class).code());
    // The sender may find the socket broken before it has read why.
    int atSender = heardBy(from).awaitClose().code();
    assertTrue(
        atSender == 1009 || atSender == 1006 || lacks(from.peer(), Feature.CLOSE_CODES),
        "code " + atSender);
  }

  @Test
  void theHandlersLimitHoldsForItsWebSocketAlone() throws IOException {
    RecordingListener narrow = new RecordingListener();
    WebSocketAcceptor acceptor =
        start(
            upgrade ->
                upgrade.target().equals("/narrow")
                    ? new Upgrade.Accept(SUBPROTOCOL, narrow, 1_000)
                    : accept());
    URI uri = URI.create("ws://localhost:" + acceptor.address().getPort() + "/narrow");
    WebSocket narrowEnd = dialer().dial(request(uri, SUBPROTOCOL), new RecordingListener());
    Ends wide = connect(acceptor);
    narrow.opened();
    narrowEnd.send(bytes(1_000, 1), failure -> {});
    assertEquals(bytes(1_000, 1), narrow.next(Event.Binary.class).message());
    narrowEnd.send(bytes(1_001, 2), failure -> {});
    assertEquals(1009, narrow.next(Event.Close.class).code());
    wide.dialer().send(bytes(MAX_MESSAGE_BYTES, 3), failure -> {});
    assertEquals(bytes(MAX_MESSAGE_BYTES, 3), accepted.next(Event.Binary.class).message());
  }

  @Test
  void packetsAtRateBothWaysKeepBytesAndOrder() throws Exception {
    exchangeAtRate(this::connect);
  }

  /** As a connection does it: 64 KiB messages, at most 128 KiB of them not yet written. */
  protected static void exchangeAtRate(Connecting connecting) throws Exception {
    NumberedMessages messages = new NumberedMessages(1_000, 64 * 1024, false);
    NumberedMessages.Receiver atDialer = messages.new Receiver();
    NumberedMessages.Receiver atAcceptor = messages.new Receiver();
    Ends ends = connecting.connect(atDialer, atAcceptor);
    together(
        List.of(
            () -> messages.send(ends.dialer(), 128 * 1024),
            () -> messages.send(ends.acceptor(), 128 * 1024),
            atDialer::awaitAll,
            atAcceptor::awaitAll));
  }
}
